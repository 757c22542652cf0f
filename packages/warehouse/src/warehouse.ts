import type { PartitionChange, Sink } from '@traffic-events/slice';
import type { AccountChange } from './audit/account-change.ts';
import type { TableRows } from './audit/administration.ts';
import type { Verification } from './audit/verify-slices.ts';
import type { MessageOptions } from './messages/message-loader.ts';
import type { ReadModel } from './reading/read-model.ts';
import type { SessionOptions } from './session-options.ts';
import type { PartitionStatus } from './slices/partition-status.ts';
import type { ExchangeRate, ViewSettings } from './views/exchange-rate.ts';
import type { WarehouseCosts } from './warehouse-costs.ts';

/** Where a copy is kept, and what becomes of values on the way there. */
export interface WarehousePlace {
  /** `postgres://user:password@host:5432/database` or `bigquery://project/dataset`. */
  readonly url: string;
  /** Database schema; `traffic_events` unless given. BigQuery has none beside its dataset. */
  readonly schema?: string | undefined;
  /** How long to try for what others have locked; as the warehouse has it unless given, 0 for ever. */
  readonly lockTimeoutMs?: number | undefined;
  /** What U+0000 in a result becomes; as the warehouse takes it unless given. */
  readonly nulReplacement?: string | undefined;
}

/** A sink that keeps the state as well. */
export interface WarehouseSink extends Sink {
  /** The state of the accounts; takes their leases. */
  readStates(accounts: readonly string[]): Promise<PartitionChange[]>;
}

/** Whom rights are granted to: roles, or what the warehouse has instead. */
export interface Grantees {
  readonly reader?: string | undefined;
  readonly loader?: string | undefined;
}

/** A warehouse, as programs ask it. Nothing is connected before it is asked for something. */
export interface Warehouse {
  /** The caller closes it. */
  openSink(options: Pick<SessionOptions, 'clock' | 'logger' | 'signal'>): WarehouseSink;
  /** Loads Singer messages until they end or `signal` asks to stop. */
  loadMessages(source: AsyncIterable<Uint8Array>, options: MessageOptions): Promise<void>;
  /** How everything that was loaded stands; read beside whoever is loading. */
  readStatus(): Promise<PartitionStatus[]>;
  /** Holds rows and sums of every slice against its ledger row; reads beside whoever is loading. */
  verify(): Promise<Verification>;
  /** What a page asks; reads beside whoever is loading, and needs the right to read alone. */
  read<Result>(work: (model: ReadModel) => Promise<Result>): Promise<Result>;
  /** Rows of an account by table; tables without any are left out. */
  countRows(accountId: string): Promise<TableRows[]>;
  /**
   * Changes what is held of an account, in one transaction under its lease. Throws
   * `AccountChangeError` for what cannot be.
   */
  changeAccount(
    change: AccountChange,
    options: Pick<SessionOptions, 'logger' | 'signal'>,
  ): Promise<void>;
  /** What loading has cost so far; of warehouses that bill it. */
  readCosts?(): Promise<WarehouseCosts | undefined>;
  /**
   * What is lacking of the rights to load, each with what would help; nothing where all is there.
   * Leaves nothing behind.
   */
  checkRights(): Promise<string[]>;
  /**
   * Views that are not what this version would make of the tables that are there; undefined where no
   * views were ever asked for.
   */
  laggingViews(): Promise<string[] | undefined>;
  /** Makes the views for BI, or brings them up to date; answers their statements. */
  createViews(settings: ViewSettings): Promise<string[]>;
  /** Keeps rates for the views; one of the same date and currencies takes the place of the other. */
  putExchangeRates(rates: readonly ExchangeRate[]): Promise<void>;
  /**
   * Statements that give one the right to read and another to load, and nothing else. Throws
   * `GranteeError` for whom the warehouse cannot grant to.
   */
  grantStatements(grantees: Grantees): string[];
}
