{{ traffic_events_report('_ads', ['campaign_id', 'campaign_name', 'ad_group_id', 'ad_group_name', 'ad_id', 'ad_name']) }}
