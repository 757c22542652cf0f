{{ config(enabled=var('traffic_events_dsp')) }}

select
    {{- traffic_events_keys('amazon_dsp') }},
    account_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    campaign as campaign_name,
    is_suppressed,
    {{ traffic_events_number('clicks') }} as clicks,
    {{ traffic_events_number('impressions') }} as impressions,
    {{ traffic_events_number(traffic_events_spend_column()) }} as spend,
    {{ 'reporting_currency' if var('traffic_events_spend') == 'reporting' else 'currency' }} as currency,
    {{ traffic_events_number('measurable_impressions') }} as measurable_impressions,
    {{- traffic_events_daily_metrics() }},
    dsp_impressions_is_whole and dsp_clicks_is_whole as is_whole
from {{ source('traffic_events', 'dsp_daily') }}
where {{ traffic_events_dates() }}
