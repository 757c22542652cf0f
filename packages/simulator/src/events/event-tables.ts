import { dataSource, effectiveThreshold } from '@traffic-events/client';
import type { DataSourceName } from '@traffic-events/client';
import type { Database } from '../database/database.ts';
import { ROW_USER } from '../sql/scope.ts';
import type { Shape } from '../sql/scope.ts';
import type { EventSet } from './event-set.ts';
import { loadRawEvents } from './raw-events.ts';
import type { EventOwner } from './raw-events.ts';
import { reportRowsSql, reportViewSql } from './report-tables.ts';
import type { ReportTable } from './report-tables.ts';
import { isTimeColumn, sourceRowsSql, timeColumnSql } from './source-columns.ts';
import type { SourceTables } from './source-columns.ts';

export interface EventTablesOptions {
  readonly database: Database;
  /** Unique within the database: begins the tables' names. */
  readonly name: string;
  readonly owner: EventOwner;
  /** Asked for at the first query: an account that is never queried costs nothing. */
  readonly events: () => EventSet;
  /** Zone of the columns without `_utc`. */
  readonly timeZone: string;
}

/** An account's raw events in DuckDB, and the tables of the clean room made of them. */
export class EventTables {
  readonly #options: EventTablesOptions;
  readonly #tables: SourceTables;
  #loaded = false;
  readonly #made = new Map<DataSourceName | 'reports', Promise<string>>();

  constructor(options: EventTablesOptions) {
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

  /**
   * Name of the table with all rows of a data source, whether they have arrived or not: event_at,
   * arrived_at, user_id, user_key and the columns that do not follow from the time. Made at first use.
   */
  rows(name: DataSourceName | 'reports'): Promise<string> {
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

  /** SELECT of a report's rows as they are at $as_of. */
  async reportView(name: ReportTable): Promise<string> {
    return reportViewSql(name, await this.rows('reports'));
  }

  async #make(name: DataSourceName | 'reports'): Promise<string> {
    const table = `${this.#options.name}_${name}`;
    const rows =
      name === 'reports'
        ? reportRowsSql(this.#tables)
        : sourceRowsSql(dataSource(name), this.#tables);
    const { database, owner, events } = this.#options;
    await database.define(async (connection) => {
      if (!this.#loaded) await loadRawEvents(connection, this.#tables, { owner, events: events() });
      this.#loaded = true;
      await connection.run(`CREATE TABLE ${table} AS ${rows}`);
    });
    return table;
  }
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
