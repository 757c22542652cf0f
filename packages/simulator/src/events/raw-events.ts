import { setImmediate } from 'node:timers/promises';
import { DOUBLE, DuckDBDataChunk } from '@duckdb/node-api';
import type { DuckDBAppender, DuckDBConnection } from '@duckdb/node-api';
import type { EventSet, Impression } from './event-set.ts';
import type { SourceTables } from './source-columns.ts';

const CHUNK_ROWS = 2048;

/** A column of the table of impressions, all of them DOUBLE: exact up to 2^53, and quick to append. */
const COLUMNS: Readonly<Record<string, (row: Impression) => number | null>> = {
  event_ms: (row) => row.eventMs,
  arrived_ms: (row) => row.arrivedMs,
  user_no: (row) => row.user,
  placement_no: (row) => row.placement,
  supply_no: (row) => row.supplySource,
  cost: (row) => row.cost,
  total_cost: (row) => row.totalCost,
  click_ms: (row) => row.clickMs,
  click_arrived_ms: (row) => row.clickArrivedMs,
  viewability: (row) => row.viewability,
  quarters: (row) => row.quarters,
  invalid: (row) => Number(row.invalid),
};

const PLACEMENT_COLUMNS = {
  campaign: 'campaign',
  campaign_id: 'campaignId',
  line_item: 'lineItem',
  line_item_id: 'lineItemId',
  creative: 'creative',
  creative_id: 'creativeId',
  creative_type: 'creativeType',
  ad_product_type: 'adProductType',
  ad_product_type_code: 'adProductTypeCode',
} as const;

/** Ids of the account whose events they are. */
export interface EventOwner {
  readonly advertiserId: string;
  readonly entityId: string;
}

/** Creates the tables of an account's raw events. */
export async function loadRawEvents(
  connection: DuckDBConnection,
  tables: SourceTables,
  source: { readonly events: EventSet; readonly owner: EventOwner },
): Promise<void> {
  const { events, owner } = source;
  const columns = Object.keys(COLUMNS).map((column) => `${column} DOUBLE`);
  await connection.run(`CREATE TABLE ${tables.impressions} (${columns.join(', ')})`);
  const appender = await connection.createAppender(tables.impressions);
  for (const batch of events.batches()) {
    append(appender, batch);
    await setImmediate();
  }
  appender.closeSync();
  await connection.run(listsSql(tables, events, owner));
}

function append(appender: DuckDBAppender, batch: readonly Impression[]): void {
  const columns = Object.values(COLUMNS);
  for (let from = 0; from < batch.length; from += CHUNK_ROWS) {
    const rows = batch.slice(from, from + CHUNK_ROWS);
    const chunk = DuckDBDataChunk.create(columns.map(() => DOUBLE));
    chunk.setColumns(columns.map((cell) => rows.map(cell)));
    appender.appendDataChunk(chunk);
  }
}

function listsSql(tables: SourceTables, events: EventSet, owner: EventOwner): string {
  const placements = events.placements.map((placement, index) => [
    index,
    ...Object.values(PLACEMENT_COLUMNS).map((name) => placement[name]),
  ]);
  const supplySources = events.supplySources.map((source, index) => [index, source]);
  const account = [[events.advertiser, owner.advertiserId, owner.entityId]];
  return [
    tableSql(tables.placements, ['placement_no', ...Object.keys(PLACEMENT_COLUMNS)], placements),
    tableSql(tables.supplySources, ['supply_no', 'supply_source'], supplySources),
    tableSql(tables.account, ['advertiser', 'advertiser_id', 'entity_id'], account),
    usersSql(tables, events),
  ].join(';');
}

function usersSql(tables: SourceTables, { users }: EventSet): string {
  if (users.kind === 'listed') {
    const rows = users.ids.map((id, index) => [index, id]);
    return tableSql(tables.users, ['user_no', 'user_id'], rows);
  }
  const id = `${quoted(users.prefix)} || md5(${quoted(users.prefix)} || CAST(user_no AS VARCHAR))`;
  return `CREATE TABLE ${tables.users} AS
    SELECT user_no, ${id} AS user_id FROM (SELECT DISTINCT user_no FROM ${tables.impressions})`;
}

/** A table of text by way of JSON, in one statement. Columns `_no` are numbers. */
function tableSql(
  table: string,
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = columns.map((column, index) => {
    const cell = `row ->> ${index}`;
    return `${column.endsWith('_no') ? `CAST(${cell} AS DOUBLE)` : cell} AS ${column}`;
  });
  return `CREATE TABLE ${table} AS SELECT ${cells.join(', ')}
    FROM (SELECT unnest(CAST(${quoted(JSON.stringify(rows))} AS JSON[])) AS row)`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
