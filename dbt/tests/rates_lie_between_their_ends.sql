select *
from {{ ref('traffic_events__campaign_daily') }}
where click_through_rate_low > click_through_rate or click_through_rate > click_through_rate_high
