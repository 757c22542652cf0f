import type { Simulator } from '@traffic-events/simulator';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';

/** A metric of a stream by event date, as decimal text. */
export type Sums = Readonly<Record<string, string>>;

/** The default streams of both kinds of account, each with the metric that it is compared by. */
export const STREAM_METRICS = {
  dsp_clicks: 'clicks',
  dsp_impressions: 'impressions',
  dsp_invalid_clicks: 'invalid_clicks',
  dsp_invalid_impressions: 'invalid_impressions',
  dsp_views: 'events',
  sponsored_ads_invalid_traffic: 'invalid_impressions',
  sponsored_ads_traffic: 'impressions',
} as const;

type Stream = keyof typeof STREAM_METRICS;

/** What the simulator knows from the raw events, by SQL of its own. */
export async function truthOf(
  simulator: Simulator,
  stream: Stream,
  account: string,
  dates: readonly string[],
): Promise<Sums> {
  const [from = '', to = ''] = [dates[0], dates.at(-1)];
  const rows = await simulator.truth({ account, dataSource: stream, from, to });
  return Object.fromEntries(
    rows.map((row) => [row.event_date, row.totals[STREAM_METRICS[stream]] ?? 'unknown']),
  );
}

/** What the warehouse says in plain SQL; a date without rows has a total of 0. */
export async function heldOf(
  database: TestDatabase,
  stream: Stream,
  account: string,
  dates: readonly string[],
): Promise<Sums> {
  const rows = await database.query<{ event_date: string; total: string }>(
    `SELECT event_date::text, sum(${STREAM_METRICS[stream]})::text AS total
     FROM ${stream} WHERE account_id = $1 GROUP BY event_date`,
    [account],
  );
  const held = new Map(rows.map((row) => [row.event_date, row.total]));
  return Object.fromEntries(dates.map((date) => [date, held.get(date) ?? '0']));
}

/** Every row of a table without what tells executions apart, in one order. */
export async function contentOf(database: TestDatabase, stream: Stream): Promise<string[]> {
  const rows = await database.query<{ content: string }>(
    `SELECT (to_jsonb(t) - 'execution_id' - 'row_number' - 'extracted_at')::text AS content
     FROM ${stream} AS t ORDER BY 1`,
  );
  return rows.map((row) => row.content);
}

/** `contentOf` for each of the streams. */
export async function wholeContentOf(database: TestDatabase): Promise<string[][]> {
  const contents: string[][] = [];
  for (const stream of Object.keys(STREAM_METRICS))
    contents.push(await contentOf(database, stream as Stream));
  return contents;
}
