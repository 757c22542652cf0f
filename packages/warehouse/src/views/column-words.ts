const WORDS: Readonly<Record<string, string>> = {
  account_id: 'Stable key of the account.',
  marketplace: 'Marketplace code of the account.',
  event_date: "Date in the account's time zone on which the events happened.",
  campaign_id: 'Id of the campaign; NULL where it is withheld or the source has none.',
  campaign: 'Name of the campaign; (suppressed) in the row of what is withheld.',
  is_suppressed: 'Whether it is the row of the traffic whose campaign is withheld.',
  grain:
    'The grain at which the date is read: fine, campaign or account. Of fine, rates by campaign are biased low.',
  impressions: 'Impressions.',
  clicks: 'Clicks.',
  impression_cost: 'Cost of impressions in millicents.',
  total_cost: 'Cost in millicents, fees included.',
  measurable_impressions: 'Measurable impressions, of one view definition.',
  measured_impressions: 'Impressions of the one view definition.',
  unmeasurable_viewable_impressions: 'Unmeasurable viewable impressions, of one view definition.',
  viewable_impressions: 'Viewable impressions, of one view definition.',
  invalid_impressions: 'Impressions that were found to be invalid traffic.',
  invalid_clicks: 'Clicks that were found to be invalid traffic.',
  view_definition:
    'The view definition that viewability goes by: the one that judged most of the date.',
  currency: 'Currency of the account, from account_currencies.',
  reporting_currency: 'Currency of reports, from account_currencies.',
  exchange_rate: 'Units of the currency of reports for one of the account, from exchange_rates.',
  click_through_rate: 'Clicks by impressions, 0 to 1.',
  viewability: 'Viewable by measurable impressions, 0 to 1.',
  invalid_impression_rate: 'Invalid impressions by invalid and valid ones, 0 to 1.',
  invalid_click_rate: 'Invalid clicks by invalid and valid ones, 0 to 1.',
  stream: 'Stream of the slice.',
  status: 'How the slice stands by the ledger; absent where the ledger does not know it.',
  execution_id: "Execution of the ledger's row that says so.",
  create_time: 'createTime of that execution.',
  row_count: 'Rows of its result.',
  reason: 'Why it stands so.',
  lost_at: 'From then on no complete copy can be had.',
  days_left: 'Days until then, 0 when it has passed; NULL where the slice is closed.',
};

/** What is said of columns that are made from another, by how their names end. */
const ENDINGS: readonly (readonly [ending: string, words: (name: string) => string])[] = [
  ['_in_currency', (name) => `${name} in units of the account's currency.`],
  ['_in_reporting_currency', (name) => `${name} in units of the currency of reports.`],
  [
    '_withheld',
    (name) =>
      `${name} of the account's date whose campaign is withheld, in each of its rows; never add it up.`,
  ],
  [
    '_suppressed_share',
    (name) => `Share of the account's ${name} of the date that is withheld, in each of its rows.`,
  ],
  ['_low', (name) => `The least that ${name} can be, whoever the withheld events belong to.`],
  ['_high', (name) => `The most that ${name} can be, whoever the withheld events belong to.`],
  [
    '_difference',
    (name) =>
      `What the account's ${name} has more than campaigns and what is withheld, where all are of one execution.`,
  ],
  ['_status', (name) => `How the slice of ${name} that is read stands by the ledger.`],
  [
    '_is_whole',
    (name) => `Whether the slice of ${name} that is read is settled, complete and not suspect.`,
  ],
];

/** What is said of a column of a view; undefined of one that is a table's. */
export function columnWords(column: string): string | undefined {
  if (Object.hasOwn(WORDS, column)) return WORDS[column];
  const ending = ENDINGS.find(([end]) => column.endsWith(end));
  return ending?.[1](column.slice(0, -ending[0].length));
}
