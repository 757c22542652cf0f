with events as (
    {{- traffic_events_union('_ads') }}
)

select
    source_relation,
    date_day,
    platform,
    {{- traffic_events_account() }},
    campaign_id, campaign_name, ad_group_id, ad_group_name,
    {{- traffic_events_report_metrics() }}
from events
group by source_relation, date_day, platform, account_id, campaign_id, campaign_name, ad_group_id, ad_group_name
