/** What the columns of the data sources mean; units are the catalog's. */
const descriptions: Readonly<Record<string, string>> = {
  ad: 'Name of the ad.',
  ad_format: 'Format of the ad.',
  ad_group: 'Name of the ad group.',
  ad_id: 'Id of the ad.',
  ad_product_type: 'Ad product: sponsored products, sponsored brands, display and so on.',
  ad_product_type_code: 'Short form of the ad product.',
  advertiser: 'Name of the advertiser.',
  advertiser_id: 'Id of the advertiser.',
  advertiser_id_internal: "Amazon's internal id of the advertiser.",
  campaign: 'Name of the campaign.',
  campaign_id: 'Id of the campaign.',
  clicks: 'Clicks.',
  creative: 'Name of the creative.',
  creative_id: 'Id of the creative.',
  creative_type: 'Kind of creative, such as display or video.',
  entity_id: 'Id of the entity (seat).',
  event_cost: 'Cost of the events.',
  event_source: 'Where the event was recorded.',
  event_type: 'Kind of event.',
  events: 'Events.',
  five_sec_views: 'Videos watched for five seconds or more.',
  impression_cost: 'Cost of the impressions.',
  impressions: 'Impressions.',
  invalid_clicks: 'Clicks found to be invalid traffic.',
  invalid_impressions: 'Impressions found to be invalid traffic.',
  line_item: 'Name of the line item.',
  line_item_id: 'Id of the line item.',
  line_item_price_type: 'How the line item is paid, such as CPC.',
  marketplace_id: 'Marketplace of the event.',
  measurable_impressions: 'Impressions whose visibility could be measured.',
  recordable_impressions: 'Impressions that could be recorded.',
  supply_source: 'Where the ad was shown.',
  total_cost: 'Cost of the events, fees included.',
  unmeasurable_viewable_impressions:
    'Impressions whose visibility could not be measured, estimated as viewable.',
  video_complete_views: 'Videos watched to the end.',
  video_first_quartile_views: 'Videos watched to a quarter.',
  video_midpoint_views: 'Videos watched to the middle.',
  video_third_quartile_views: 'Videos watched to three quarters.',
  video_unmutes: 'Videos whose sound was switched on.',
  view_definition: 'Rule by which a view counts as viewable.',
  viewable_impressions: 'Impressions that were viewable.',
};

const PLAYED = /^(?<invalid>invalid_)?video_played_(?<percent>\d+)pc(?<viewable>_viewable)?$/;
const INVALID = /^invalid_(?<metric>measurable|recordable|viewable)_impressions$/;

/** Undefined for a column that is not of the ten data sources. */
export function columnDescription(name: string): string | undefined {
  if (name.endsWith('_dt_hour_utc')) return 'Beginning of the UTC hour of the event.';
  const invalid = INVALID.exec(name)?.groups;
  if (invalid !== undefined) return `Invalid impressions that were ${invalid['metric']}.`;
  const played = PLAYED.exec(name)?.groups;
  if (played === undefined) {
    return Object.hasOwn(descriptions, name) ? descriptions[name] : undefined;
  }
  const kind = played['invalid'] === undefined ? 'Videos' : 'Invalid video plays';
  const where = played['viewable'] === undefined ? '' : ' while viewable';
  return `${kind} played to ${played['percent']} per cent${where}.`;
}
