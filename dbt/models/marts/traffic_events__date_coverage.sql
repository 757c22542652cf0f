select
    source_relation,
    date_day,
    account_id,
    count(*) as slices,
    sum(case when is_whole then 0 else 1 end) = 0 as is_whole,
    sum(case when status = 'open' then 1 else 0 end) as still_open,
    sum(case when is_lost then 1 else 0 end) as lost,
    sum(case when status = 'absent' then 1 else 0 end) as never_asked,
    min(days_left) as days_left
from {{ ref('stg_traffic_events__slices') }}
where stream <> 'ivt_report'
group by source_relation, date_day, account_id
