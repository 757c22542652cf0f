import type { Simulator } from '@traffic-events/simulator';
import { STREAM_METRICS } from './streams.ts';
import type { Stream } from './streams.ts';
import type { WarehouseUnderTest } from './warehouse-kind.ts';

/** A metric of a stream by event date, as decimal text. */
export type Sums = Readonly<Record<string, string>>;

/** What differs between two executions of one slice. */
const OF_THE_EXECUTION = ['execution_id', 'row_number', 'extracted_at'];

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
  warehouse: WarehouseUnderTest,
  stream: Stream,
  account: string,
  dates: readonly string[],
): Promise<Sums> {
  const held = await loadedOf(warehouse, stream, account);
  return Object.fromEntries(dates.map((date) => [date, held[date] ?? '0']));
}

/** As `heldOf`, of the dates alone that have rows. */
export async function loadedOf(
  warehouse: WarehouseUnderTest,
  stream: Stream,
  account: string,
): Promise<Sums> {
  const { textType: text } = warehouse;
  const rows = await warehouse.query<{ event_date: string; total: string }>(
    `SELECT CAST(event_date AS ${text}) AS event_date, CAST(SUM(${STREAM_METRICS[stream]}) AS ${text}) AS total
     FROM ${warehouse.nameOf(stream)} WHERE account_id = '${account}' GROUP BY event_date`,
  );
  return Object.fromEntries(rows.map((row) => [row.event_date, row.total]));
}

/** Slices with rows of more than one execution, or with a row twice. There must be none, ever. */
export async function mixedSlicesOf(
  warehouse: WarehouseUnderTest,
  stream: Stream,
): Promise<object[]> {
  return warehouse.query(
    `SELECT account_id, CAST(event_date AS ${warehouse.textType}) AS event_date
     FROM ${warehouse.nameOf(stream)} GROUP BY account_id, event_date
     HAVING COUNT(DISTINCT execution_id) > 1 OR COUNT(*) > COUNT(DISTINCT row_number)`,
  );
}

/** Every row of a table without what tells executions apart, in one order. */
export async function contentOf(warehouse: WarehouseUnderTest, stream: Stream): Promise<string[]> {
  const rows = await warehouse.query<{ content: string }>(
    warehouse.contentSql(stream, OF_THE_EXECUTION),
  );
  return rows.map((row) => row.content).toSorted();
}

/** `contentOf` for each of the streams. */
export async function wholeContentOf(
  warehouse: WarehouseUnderTest,
  streams: readonly Stream[],
): Promise<string[][]> {
  const contents: string[][] = [];
  for (const stream of streams) contents.push(await contentOf(warehouse, stream));
  return contents;
}

/** Every campaign id that is held, as decimal text. */
export async function campaignIdsOf(warehouse: WarehouseUnderTest): Promise<string[]> {
  const rows = await warehouse.query<{ id: string }>(
    `SELECT DISTINCT CAST(campaign_id AS ${warehouse.textType}) AS id
     FROM ${warehouse.nameOf('dsp_impressions')} WHERE campaign_id IS NOT NULL`,
  );
  return rows.map((row) => row.id);
}
