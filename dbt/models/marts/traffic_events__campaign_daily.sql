{{ traffic_events_union('_campaigns') }}
