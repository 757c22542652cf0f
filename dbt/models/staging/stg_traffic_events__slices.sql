select
    {{ traffic_events_relation() }} as source_relation,
    event_date as date_day,
    account_id,
    stream,
    status,
    status = 'settled' as is_whole,
    status in ('frozen', 'partial', 'missed') as is_lost,
    reason,
    {{ traffic_events_number('days_left') }} as days_left
from {{ source('traffic_events', 'coverage') }}
where {{ traffic_events_dates() }}
