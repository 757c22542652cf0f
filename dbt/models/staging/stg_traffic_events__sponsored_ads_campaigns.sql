{{ config(enabled=var('traffic_events_sponsored_ads')) }}

select
    {{- traffic_events_keys('amazon_sponsored_ads') }},
    account_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    campaign as campaign_name,
    is_suppressed,
    {{ traffic_events_number('clicks') }} as clicks,
    {{ traffic_events_number('impressions') }} as impressions,
    {{ traffic_events_number('null') }} as spend,
    currency,
    {{ traffic_events_number('measured_impressions - coalesce(unmeasurable_viewable_impressions, 0)') }} as measurable_impressions,
    {{- traffic_events_daily_metrics() }},
    sponsored_ads_traffic_is_whole as is_whole
from {{ source('traffic_events', 'sponsored_ads_daily') }}
where {{ traffic_events_dates() }}
