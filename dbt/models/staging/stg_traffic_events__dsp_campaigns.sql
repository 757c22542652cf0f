{{ config(enabled=var('traffic_events_dsp')) }}

select
    {{ traffic_events_relation() }} as source_relation,
    event_date as date_day,
    cast('amazon_dsp' as {{ dbt.type_string() }}) as platform,
    account_id,
    cast(campaign_id as {{ dbt.type_string() }}) as campaign_id,
    campaign as campaign_name,
    is_suppressed,
    {{ traffic_events_number('clicks') }} as clicks,
    {{ traffic_events_number('impressions') }} as impressions,
    {{ traffic_events_number(traffic_events_spend_column()) }} as spend,
    {{ 'reporting_currency' if var('traffic_events_spend') == 'reporting' else 'currency' }} as currency,
    {{ traffic_events_number('measurable_impressions') }} as measurable_impressions,
    {{ traffic_events_number('viewable_impressions') }} as viewable_impressions,
    {{ traffic_events_number('invalid_impressions') }} as invalid_impressions,
    {{ traffic_events_number('invalid_clicks') }} as invalid_clicks,
    click_through_rate,
    click_through_rate_low,
    click_through_rate_high,
    dsp_impressions_is_whole and dsp_clicks_is_whole as is_whole
from {{ source('traffic_events', 'dsp_daily') }}
where {{ traffic_events_dates() }}
