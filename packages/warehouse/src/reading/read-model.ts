import type { EventDate, LedgerStatus } from '@traffic-events/slice';
import { LEDGER_STREAM } from '@traffic-events/slice';
import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { CURRENCIES_TABLE, DEFINITIONS_TABLE, identifierOf } from '../tables/naming.ts';
import { shortDecimal } from '../tables/short-decimal.ts';
import { DAILY_VIEWS } from '../views/daily-views.ts';
import type { DailyView } from '../views/daily-view.ts';
import { coverageSql, factsSql, missedSql } from './coverage-sql.ts';
import type { CoverageMonth, LedgerFacts, MissedSlice } from './coverage-sql.ts';
import { extractionsSql, runsSql } from './extractions-sql.ts';
import type { ExtractionFilter, ExtractionTexts, RunTexts } from './extractions-sql.ts';
import { heldRowsOfSql } from './held-rows-sql.ts';
import type { HeldRowsTexts, SliceRange } from './held-rows-sql.ts';
import { instantOf, numberOf } from './text-values.ts';
import { spansOfMonths } from './ledger-coverage.ts';
import type { StandingSpan } from './ledger-coverage.ts';
import { trendDay } from './trend.ts';
import type { TrendDay } from './trend.ts';
import { campaignsSql, trendSql } from './trend-sql.ts';
import type { CampaignTexts, TrendRange, TrendTexts } from './trend-sql.ts';

/** What the ledger says of one stream and account. */
export interface StreamCoverage {
  readonly stream: string;
  readonly accountId: string;
  /** Dates that the ledger knows, earliest first. */
  readonly spans: readonly StandingSpan[];
  /** When a result was entered last; ISO 8601, UTC. */
  readonly lastSuccess: string | null;
  /** Mean share of the first main metric that is withheld, of the newest 28 results; 0 to 1. */
  readonly suppressedShare: number | null;
  readonly missed: readonly { readonly eventDate: EventDate; readonly runId: string }[];
}

/** A row of the ledger. Instants are ISO 8601, UTC. */
export interface Extraction {
  readonly id: string;
  readonly stream: string;
  readonly accountId: string;
  readonly eventDate: EventDate;
  readonly status: LedgerStatus;
  readonly executionId: string | null;
  readonly workflowId: string | null;
  readonly createTime: string | null;
  /** Digits. */
  readonly rowCount: string | null;
  readonly sums: Readonly<Record<string, string | null>>;
  readonly suppressedShare: number | null;
  readonly complete: boolean | null;
  readonly settled: boolean | null;
  readonly suspect: boolean | null;
  readonly fingerprint: string;
  readonly rawSha256: string | null;
  readonly reason: string | null;
  readonly runId: string;
  readonly recordedAt: string;
}

/** What a run entered in the ledger. Instants are ISO 8601, UTC. */
export interface RunEntries {
  readonly id: string;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly accounts: number;
  readonly loaded: number;
  readonly kept: number;
  readonly failed: number;
  readonly missed: number;
  /** Digits. */
  readonly rowsLoaded: string;
}

/** Rows of a range in the table and by the ledger, as digits, and how much of each metric is withheld. */
export interface HeldRows {
  readonly stream: string;
  readonly accountId: string;
  readonly rowsHeld: string;
  readonly rowsByLedger: string;
  /** Share by metric, 0 to 1; null where there is none of it, or a cell was blanked. */
  readonly withheldShares: Readonly<Record<string, number | null>>;
}

/** How the views stand beside the tables. */
export interface ViewsStanding {
  readonly made: readonly string[];
  /** Accounts whose costs the views cannot show in a currency. */
  readonly withoutCurrency: readonly string[];
}

/** A campaign of a range: `campaign` is its id, or its name where the source has no ids. */
export interface Campaign {
  readonly campaign: string;
  readonly name: string | null;
  /** Sum of the view's first metric, digits; null where none is known. */
  readonly mainSum: string | null;
}

/** What a page about a warehouse asks; the same text for every warehouse, and nothing is changed. */
export class ReadModel {
  readonly #reader: WarehouseReader;

  constructor(reader: WarehouseReader) {
    this.#reader = reader;
  }

  /** Of every stream and account that the ledger knows. */
  async coverage(): Promise<StreamCoverage[]> {
    if (!(await this.#reader.hasTable(LEDGER_STREAM))) return [];
    const [months, facts, missed] = await Promise.all([
      this.#reader.rows<CoverageMonth>(coverageSql(this.#reader)),
      this.#reader.rows<LedgerFacts>(factsSql(this.#reader)),
      this.#reader.rows<MissedSlice>(missedSql(this.#reader)),
    ]);
    const [factsOf, missedOf] = [Map.groupBy(facts, keyOf), Map.groupBy(missed, keyOf)];
    return [...Map.groupBy(months, keyOf)].flatMap(([key, own]) => {
      const [first] = own;
      if (first === undefined) return [];
      const [fact] = factsOf.get(key) ?? [];
      return {
        stream: first.stream,
        accountId: first.account_id,
        spans: spansOfMonths(own),
        lastSuccess: instantOf(fact?.last_success ?? null),
        suppressedShare: numberOf(fact?.suppressed_share),
        missed: (missedOf.get(key) ?? []).map(({ event_date, run_id }) => ({
          eventDate: event_date,
          runId: run_id,
        })),
      };
    });
  }

  /** Rows of the ledger, the newest first. */
  async extractions(filter: ExtractionFilter): Promise<Extraction[]> {
    if (!(await this.#reader.hasTable(LEDGER_STREAM))) return [];
    const rows = await this.#reader.rows<ExtractionTexts>(extractionsSql(this.#reader, filter));
    return rows.map(extractionOf);
  }

  /** What each definition of some streams has asked for, by fingerprint: SQL, or a report as JSON. */
  async queries(streams: readonly string[]): Promise<Map<string, string>> {
    if (streams.length === 0 || !(await this.#reader.hasTable(DEFINITIONS_TABLE))) return new Map();
    const { dialect } = this.#reader;
    const rows = await this.#reader.rows<{ fingerprint: string; query: string }>(
      `SELECT fingerprint, max(query) AS query FROM ${dialect.qualified(DEFINITIONS_TABLE)}
 WHERE stream IN (${streams.map((stream) => dialect.literal(stream)).join(', ')})
 GROUP BY fingerprint`,
    );
    return new Map(rows.map(({ fingerprint, query }) => [fingerprint, query]));
  }

  /** The newest runs first. */
  async runs(limit: number): Promise<RunEntries[]> {
    if (!(await this.#reader.hasTable(LEDGER_STREAM))) return [];
    const rows = await this.#reader.rows<RunTexts>(runsSql(this.#reader, limit));
    return rows.map((row) => ({
      id: row.run_id,
      firstAt: instantOf(row.first_at) ?? '',
      lastAt: instantOf(row.last_at) ?? '',
      accounts: Number(row.accounts),
      loaded: Number(row.loaded),
      kept: Number(row.kept),
      failed: Number(row.failed),
      missed: Number(row.missed),
      rowsLoaded: row.rows_loaded,
    }));
  }

  /** Rows held of each account of the ranges whose table is there; `metrics` are those whose shares are wanted. */
  async heldRows(
    ranges: readonly (SliceRange & { readonly metrics: readonly string[] })[],
  ): Promise<HeldRows[]> {
    const tables = await this.#reader.sliceTables();
    const held = ranges.map(async ({ metrics, ...range }): Promise<HeldRows[]> => {
      const columns = tables.get(identifierOf(range.stream, this.#reader.dialect.names));
      if (columns === undefined) return [];
      const known = metrics.filter((metric) => columns.has(metric));
      const sql = heldRowsOfSql(this.#reader, range, known);
      const rows = await this.#reader.rows<HeldRowsTexts>(sql);
      const rowOf = new Map(rows.map((row) => [row['account_id'], row]));
      return range.accountIds.map((accountId) =>
        heldRowsOf({ stream: range.stream, accountId }, rowOf.get(accountId) ?? {}, known),
      );
    });
    return (await Promise.all(held)).flat();
  }

  async views(): Promise<ViewsStanding> {
    const made = await this.#reader.views();
    const hasCurrencies = made.some((name) => DAILY_VIEWS.some((view) => view.name === name));
    return { made, withoutCurrency: hasCurrencies ? await this.#withoutCurrency() : [] };
  }

  async #withoutCurrency(): Promise<string[]> {
    if (!(await this.#reader.hasTable(LEDGER_STREAM))) return [];
    const { dialect } = this.#reader;
    const rows = await this.#reader.rows<{ account_id: string }>(
      `SELECT DISTINCT account_id FROM ${dialect.qualified(LEDGER_STREAM)}
 WHERE account_id NOT IN (SELECT account_id FROM ${dialect.qualified(CURRENCIES_TABLE)})
 ORDER BY account_id`,
    );
    return rows.map(({ account_id }) => account_id);
  }

  /** A day a row, earliest first; the views have to be there, by campaign and of the account. */
  async trend(view: DailyView, range: TrendRange): Promise<TrendDay[]> {
    const rows = await this.#reader.rows<TrendTexts>(trendSql(this.#reader.dialect, view, range));
    return rows.map((row) => trendDay(view, row));
  }

  /** The campaigns of a range with the most of the view's first metric. */
  async campaigns(view: DailyView, range: TrendRange, limit: number): Promise<Campaign[]> {
    const rows = await this.#reader.rows<CampaignTexts>(
      campaignsSql(this.#reader.dialect, view, range, limit),
    );
    return rows.map(({ campaign, name, main_sum: mainSum }) => ({
      campaign,
      name,
      mainSum: mainSum === null ? null : shortDecimal(mainSum),
    }));
  }
}

function keyOf({ stream, account_id }: Pick<CoverageMonth, 'stream' | 'account_id'>): string {
  return `${account_id} ${stream}`;
}

function extractionOf(row: ExtractionTexts): Extraction {
  return {
    id: row.extraction_id ?? '',
    stream: row.stream ?? '',
    accountId: row.account_id ?? '',
    eventDate: row.event_date ?? '',
    status: row.status as LedgerStatus,
    executionId: row.execution_id,
    workflowId: row.workflow_id,
    createTime: instantOf(row.create_time),
    rowCount: row.row_count,
    sums: JSON.parse(row.sums ?? '{}') as Extraction['sums'],
    suppressedShare: numberOf(row.suppressed_share),
    complete: booleanOf(row.complete),
    settled: booleanOf(row.settled),
    suspect: booleanOf(row.suspect),
    fingerprint: row.fingerprint ?? '',
    rawSha256: row.raw_sha256,
    reason: row.reason,
    runId: row.run_id ?? '',
    recordedAt: instantOf(row.recorded_at) ?? '',
  };
}

function heldRowsOf(
  slices: Pick<HeldRows, 'stream' | 'accountId'>,
  row: HeldRowsTexts,
  metrics: readonly string[],
): HeldRows {
  const shareOf = (index: number): number | null => {
    const total = numberOf(row[`total_${index}`]);
    if (total === null || total === 0 || row[`unknown_${index}`] !== '0') return null;
    return Number(row[`withheld_${index}`]) / total;
  };
  return {
    ...slices,
    rowsHeld: row['rows_held'] ?? '0',
    rowsByLedger: row['rows_by_ledger'] ?? '0',
    withheldShares: Object.fromEntries(metrics.map((metric, index) => [metric, shareOf(index)])),
  };
}

function booleanOf(text: string | null): boolean | null {
  return text === null ? null : text === 'true';
}
