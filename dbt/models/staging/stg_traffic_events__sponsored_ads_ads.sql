{{ config(enabled=var('traffic_events_sponsored_ads')) }}

select
    {{- traffic_events_keys('amazon_sponsored_ads') }},
    account_id,
    cast(null as {{ dbt.type_string() }}) as campaign_id,
    campaign as campaign_name,
    cast(null as {{ dbt.type_string() }}) as ad_group_id,
    ad_group as ad_group_name,
    cast(null as {{ dbt.type_string() }}) as ad_id,
    creative as ad_name,
    {{ traffic_events_number('clicks') }} as clicks,
    {{ traffic_events_number('impressions') }} as impressions,
    {{ traffic_events_number('null') }} as spend
from {{ source('traffic_events', 'sponsored_ads_traffic') }}
where {{ traffic_events_dates() }}
