{{ traffic_events_report('_campaigns', ['campaign_id', 'campaign_name']) }}
