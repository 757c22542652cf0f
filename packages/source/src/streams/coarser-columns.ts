/** Those of the coarser grains; written by the test of built-in-columns.ts. */
export interface CoarserColumns {
  readonly devices_traffic_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly view_definition: 'STRING';
    readonly impressions: 'LONG';
    readonly clicks: 'LONG';
    readonly event_cost: 'LONG';
    readonly total_cost: 'DOUBLE';
    readonly viewable_impressions: 'LONG';
  };
  readonly devices_traffic_total: {
    readonly view_definition: 'STRING';
    readonly impressions: 'LONG';
    readonly clicks: 'LONG';
    readonly event_cost: 'LONG';
    readonly total_cost: 'DOUBLE';
    readonly viewable_impressions: 'LONG';
  };
  readonly dsp_clicks_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly clicks: 'LONG';
  };
  readonly dsp_clicks_total: {
    readonly clicks: 'LONG';
  };
  readonly dsp_invalid_clicks_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly invalid_clicks: 'LONG';
  };
  readonly dsp_invalid_clicks_total: {
    readonly invalid_clicks: 'LONG';
  };
  readonly dsp_impressions_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly impressions: 'LONG';
    readonly impression_cost: 'LONG';
    readonly total_cost: 'LONG';
  };
  readonly dsp_impressions_total: {
    readonly impressions: 'LONG';
    readonly impression_cost: 'LONG';
    readonly total_cost: 'LONG';
  };
  readonly dsp_invalid_impressions_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly invalid_impressions: 'LONG';
  };
  readonly dsp_invalid_impressions_total: {
    readonly invalid_impressions: 'LONG';
  };
  readonly dsp_views_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly view_definition: 'STRING';
    readonly events: 'LONG';
    readonly measurable_impressions: 'LONG';
    readonly unmeasurable_viewable_impressions: 'LONG';
    readonly viewable_impressions: 'LONG';
  };
  readonly dsp_views_total: {
    readonly view_definition: 'STRING';
    readonly events: 'LONG';
    readonly measurable_impressions: 'LONG';
    readonly unmeasurable_viewable_impressions: 'LONG';
    readonly viewable_impressions: 'LONG';
  };
  readonly adserver_traffic_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly impressions: 'LONG';
    readonly clicks: 'LONG';
    readonly measurable_impressions: 'LONG';
    readonly recordable_impressions: 'LONG';
    readonly video_played_100pc: 'LONG';
    readonly video_played_100pc_viewable: 'LONG';
    readonly video_played_25pc: 'LONG';
    readonly video_played_25pc_viewable: 'LONG';
    readonly video_played_50pc: 'LONG';
    readonly video_played_50pc_viewable: 'LONG';
    readonly video_played_75pc: 'LONG';
    readonly video_played_75pc_viewable: 'LONG';
    readonly viewable_impressions: 'LONG';
  };
  readonly adserver_traffic_total: {
    readonly impressions: 'LONG';
    readonly clicks: 'LONG';
    readonly measurable_impressions: 'LONG';
    readonly recordable_impressions: 'LONG';
    readonly video_played_100pc: 'LONG';
    readonly video_played_100pc_viewable: 'LONG';
    readonly video_played_25pc: 'LONG';
    readonly video_played_25pc_viewable: 'LONG';
    readonly video_played_50pc: 'LONG';
    readonly video_played_50pc_viewable: 'LONG';
    readonly video_played_75pc: 'LONG';
    readonly video_played_75pc_viewable: 'LONG';
    readonly viewable_impressions: 'LONG';
  };
  readonly invalid_adserver_traffic_by_campaign: {
    readonly campaign: 'STRING';
    readonly campaign_id: 'LONG';
    readonly invalid_impressions: 'LONG';
    readonly invalid_clicks: 'LONG';
    readonly invalid_measurable_impressions: 'LONG';
    readonly invalid_recordable_impressions: 'LONG';
    readonly invalid_video_played_100pc: 'LONG';
    readonly invalid_video_played_100pc_viewable: 'LONG';
    readonly invalid_video_played_25pc: 'LONG';
    readonly invalid_video_played_25pc_viewable: 'LONG';
    readonly invalid_video_played_50pc: 'LONG';
    readonly invalid_video_played_50pc_viewable: 'LONG';
    readonly invalid_video_played_75pc: 'LONG';
    readonly invalid_video_played_75pc_viewable: 'LONG';
    readonly invalid_viewable_impressions: 'LONG';
  };
  readonly invalid_adserver_traffic_total: {
    readonly invalid_impressions: 'LONG';
    readonly invalid_clicks: 'LONG';
    readonly invalid_measurable_impressions: 'LONG';
    readonly invalid_recordable_impressions: 'LONG';
    readonly invalid_video_played_100pc: 'LONG';
    readonly invalid_video_played_100pc_viewable: 'LONG';
    readonly invalid_video_played_25pc: 'LONG';
    readonly invalid_video_played_25pc_viewable: 'LONG';
    readonly invalid_video_played_50pc: 'LONG';
    readonly invalid_video_played_50pc_viewable: 'LONG';
    readonly invalid_video_played_75pc: 'LONG';
    readonly invalid_video_played_75pc_viewable: 'LONG';
    readonly invalid_viewable_impressions: 'LONG';
  };
  readonly sponsored_ads_traffic_by_campaign: {
    readonly campaign: 'STRING';
    readonly view_definition: 'STRING';
    readonly impressions: 'LONG';
    readonly clicks: 'LONG';
    readonly unmeasurable_viewable_impressions: 'LONG';
    readonly viewable_impressions: 'LONG';
    readonly five_sec_views: 'LONG';
    readonly video_complete_views: 'LONG';
    readonly video_first_quartile_views: 'LONG';
    readonly video_midpoint_views: 'LONG';
    readonly video_third_quartile_views: 'LONG';
    readonly video_unmutes: 'LONG';
  };
  readonly sponsored_ads_traffic_total: {
    readonly view_definition: 'STRING';
    readonly impressions: 'LONG';
    readonly clicks: 'LONG';
    readonly unmeasurable_viewable_impressions: 'LONG';
    readonly viewable_impressions: 'LONG';
    readonly five_sec_views: 'LONG';
    readonly video_complete_views: 'LONG';
    readonly video_first_quartile_views: 'LONG';
    readonly video_midpoint_views: 'LONG';
    readonly video_third_quartile_views: 'LONG';
    readonly video_unmutes: 'LONG';
  };
  readonly sponsored_ads_invalid_traffic_by_campaign: {
    readonly campaign: 'STRING';
    readonly invalid_impressions: 'LONG';
    readonly invalid_clicks: 'LONG';
  };
  readonly sponsored_ads_invalid_traffic_total: {
    readonly invalid_impressions: 'LONG';
    readonly invalid_clicks: 'LONG';
  };
}
