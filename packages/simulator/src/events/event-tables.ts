import { dataSource, effectiveThreshold } from '@traffic-events/client';
import type { DataSourceName } from '@traffic-events/client';
import { DuckDBDataChunk, DOUBLE } from '@duckdb/node-api';
import type { Database } from '../database/database.ts';
import { ROW_USER } from '../sql/scope.ts';
import type { Shape } from '../sql/scope.ts';
import type { EventSet, Impression } from './event-set.ts';
import { isTimeColumn, sourceRowsSql, timeColumnSql } from './source-columns.ts';
import type { SourceTables } from './source-columns.ts';

export interface EventTablesOptions {
  readonly database: Database;
  /** Unique within the database: begins the tables' names. */
  readonly name: string;
  readonly advertiserId: string;
  readonly entityId: string;
  /** Zone of the columns without `_utc`. */
  readonly timeZone: string;
}

const CHUNK_ROWS = 2048;
const COLUMNS = [
  'event_ms',
  'arrived_ms',
  'user_no',
  'placement_no',
  'supply_no',
  'cost',
  'total_cost',
  'click_ms',
  'click_arrived_ms',
  'viewability',
  'quarters',
  'invalid',
] as const;

/** An account's raw events in DuckDB, and the tables of the clean room made of them. */
export class EventTables {
  readonly #options: EventTablesOptions;
  readonly #tables: SourceTables;
  readonly #made = new Map<DataSourceName, Promise<string>>();

  private constructor(options: EventTablesOptions) {
    this.#options = options;
    const name = (part: string) => `${options.name}_${part}`;
    this.#tables = {
      account: name('account'),
      impressions: name('raw_impressions'),
      placements: name('placements'),
      supplySources: name('supply_sources'),
      users: name('users'),
    };
  }

  static async load(options: EventTablesOptions, events: EventSet): Promise<EventTables> {
    const tables = new EventTables(options);
    await tables.#load(events);
    return tables;
  }

  /**
   * Name of the table with all rows of a data source, whether they have arrived or not: event_at,
   * arrived_at, user_id, user_key and the columns that do not follow from the time. Made at first use.
   */
  rows(name: DataSourceName): Promise<string> {
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const made = this.#make(name);
    this.#made.set(name, made);
    return made;
  }

  /**
   * SELECT of a data source as a query sees it: the events that happened in [$window_start,
   * $window_end), had arrived by $as_of and had not expired by then.
   */
  async view(name: DataSourceName, extension = { before: '', after: '' }): Promise<string> {
    const columns = dataSource(name).columns.map((column) =>
      isTimeColumn(column.name)
        ? `${timeColumnSql(column.name, this.#options.timeZone)} AS ${column.name}`
        : column.name,
    );
    const start = shifted('$window_start', '-', extension.before);
    const end = shifted('$window_end', '+', extension.after);
    return `SELECT ${columns.join(', ')}, user_id, user_key AS ${ROW_USER} FROM ${await this.rows(name)}
      WHERE event_at >= ${start} AND event_at < ${end}
        AND arrived_at <= $as_of::TIMESTAMP AND arrived_at >= $retained_from::TIMESTAMP`;
  }

  async #make(name: DataSourceName): Promise<string> {
    const table = `${this.#options.name}_${name}`;
    const rows = sourceRowsSql(dataSource(name), this.#tables);
    await this.#options.database.define(`CREATE TABLE ${table} AS ${rows}`);
    return table;
  }

  async #load(events: EventSet): Promise<void> {
    const { impressions } = this.#tables;
    const columns = COLUMNS.map((column) => `${column} DOUBLE`);
    await this.#options.database.define(`CREATE TABLE ${impressions} (${columns.join(', ')})`);
    const users = new Set<number>();
    for await (const batch of events.batches()) {
      for (const event of batch) users.add(event.user);
      await this.#append(batch);
    }
    await this.#createLists(events, users);
  }

  async #append(batch: readonly Impression[]): Promise<void> {
    await this.#options.database.use(async (connection) => {
      const appender = await connection.createAppender(this.#tables.impressions);
      for (let from = 0; from < batch.length; from += CHUNK_ROWS) {
        const rows = batch.slice(from, from + CHUNK_ROWS);
        const chunk = DuckDBDataChunk.create(COLUMNS.map(() => DOUBLE));
        chunk.setColumns(columnsOf(rows));
        appender.appendDataChunk(chunk);
      }
      appender.closeSync();
    });
  }

  async #createLists(events: EventSet, users: ReadonlySet<number>): Promise<void> {
    const { placements, supplySources } = events;
    await this.#createTable(
      this.#tables.placements,
      ['placement_no', ...PLACEMENT_COLUMNS],
      placements.map((each, index) => [index, ...placementCells(each)]),
    );
    await this.#createTable(
      this.#tables.supplySources,
      ['supply_no', 'supply_source'],
      supplySources.map((each, index) => [index, each]),
    );
    const { advertiserId, entityId } = this.#options;
    await this.#createTable(
      this.#tables.account,
      ['advertiser', 'advertiser_id', 'entity_id', 'marketplace_no'],
      [[events.advertiser, advertiserId, entityId, 4]],
    );
    await this.#createUsers(events, users);
  }

  async #createUsers(events: EventSet, users: ReadonlySet<number>): Promise<void> {
    const rows = [...users].map((user) => [user, events.userId(user)]);
    await this.#createTable(this.#tables.users, ['user_no', 'user_id'], rows);
  }

  /** Through JSON: a single statement, whatever the number of rows. Columns `_no` are numbers. */
  async #createTable(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly (string | number)[])[],
  ): Promise<void> {
    const cells = columns.map((column, index) => {
      const cell = `row ->> ${index}`;
      return `${column.endsWith('_no') ? `CAST(${cell} AS DOUBLE)` : cell} AS ${column}`;
    });
    await this.#options.database.define(
      `CREATE TABLE ${table} AS SELECT ${cells.join(', ')}
       FROM (SELECT unnest(CAST($1 AS JSON[])) AS row)`,
      [JSON.stringify(rows)],
    );
  }
}

const PLACEMENT_COLUMNS = [
  'campaign',
  'campaign_id',
  'line_item',
  'line_item_id',
  'creative',
  'creative_id',
  'creative_type',
  'ad_product_type',
  'ad_product_type_code',
];

function placementCells(placement: EventSet['placements'][number]): string[] {
  const { campaign, campaignId, lineItem, lineItemId, creative, creativeId } = placement;
  const { creativeType, adProductType, adProductTypeCode } = placement;
  return [
    campaign,
    campaignId,
    lineItem,
    lineItemId,
    creative,
    creativeId,
    creativeType,
    adProductType,
    adProductTypeCode,
  ];
}

function columnsOf(rows: readonly Impression[]): (number | null)[][] {
  return [
    rows.map((row) => row.eventMs),
    rows.map((row) => row.arrivedMs),
    rows.map((row) => row.user),
    rows.map((row) => row.placement),
    rows.map((row) => row.supplySource),
    rows.map((row) => row.cost),
    rows.map((row) => row.totalCost),
    rows.map((row) => row.clickMs),
    rows.map((row) => row.clickArrivedMs),
    rows.map((row) => row.viewability),
    rows.map((row) => row.quarters),
    rows.map((row) => Number(row.invalid)),
  ];
}

function shifted(parameter: string, sign: '+' | '-', duration: string): string {
  const instant = `${parameter}::TIMESTAMP`;
  return duration === '' ? instant : `${instant} ${sign} INTERVAL '${duration}'`;
}

/** What a table of the clean room offers to a query: its columns, and user_id. */
export function sourceShape(name: DataSourceName): Shape {
  const columns = dataSource(name).columns.map((column) => ({
    name: column.name,
    metric: column.role === 'metric',
    threshold: effectiveThreshold(column),
  }));
  const userId = { name: 'user_id', metric: false, threshold: 'VERY_HIGH' as const };
  return { columns: [...columns, userId], users: 'one' };
}
