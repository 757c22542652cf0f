{{ traffic_events_report('_campaigns', []) }}
