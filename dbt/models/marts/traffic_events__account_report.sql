with events as (
    {{- traffic_events_union('_campaigns') }}
)

select
    source_relation,
    date_day,
    platform,
    {{- traffic_events_account() }},
    {{- traffic_events_report_metrics() }}
from events
group by source_relation, date_day, platform, account_id
