/** What rows are by: the finest that is asked for, the campaign, or the account alone. */
export type Grain = 'fine' | 'campaign' | 'account';

const SUFFIXES: Readonly<Record<Grain, string>> = {
  fine: '',
  campaign: '_by_campaign',
  account: '_total',
};

/** The stream, and the table, that has a daily table's events at a grain. */
export function tableOfGrain(table: string, grain: Grain): string {
  return `${table}${SUFFIXES[grain]}`;
}
