{{ config(enabled=var('traffic_events_sponsored_ads')) }}

select
    {{ traffic_events_relation() }} as source_relation,
    event_date as date_day,
    cast('amazon_sponsored_ads' as {{ dbt.type_string() }}) as platform,
    account_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    campaign as campaign_name,
    is_suppressed,
    {{ traffic_events_number('clicks') }} as clicks,
    {{ traffic_events_number('impressions') }} as impressions,
    {{ traffic_events_number('null') }} as spend,
    currency,
    {{ traffic_events_number('measured_impressions - coalesce(unmeasurable_viewable_impressions, 0)') }} as measurable_impressions,
    {{ traffic_events_number('viewable_impressions') }} as viewable_impressions,
    {{ traffic_events_number('invalid_impressions') }} as invalid_impressions,
    {{ traffic_events_number('invalid_clicks') }} as invalid_clicks,
    click_through_rate,
    click_through_rate_low,
    click_through_rate_high,
    sponsored_ads_traffic_is_whole as is_whole
from {{ source('traffic_events', 'sponsored_ads_daily') }}
where {{ traffic_events_dates() }}
