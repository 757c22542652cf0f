import type { Readable } from 'node:stream';
import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import type { LedgerRow, PartitionChange, RunMark, SliceKey } from '@traffic-events/slice';
import { accountsOf } from '../slices/entries.ts';
import type { Entries } from '../slices/entries.ts';
import { LeaseLostError, SliceError, WarehouseError } from '../errors.ts';
import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import { decideSlice } from '../slices/slice-decision.ts';
import type { DeclaredSlice, LedgerCopy, SliceDecision } from '../slices/slice-decision.ts';
import { sliceId, sliceOf } from '../slices/slice-execution.ts';
import { BigQueryConnection } from './jobs/bigquery-connection.ts';
import type { BigQueryOptions } from './bigquery-options.ts';
import { commitScript } from './commit/commit-script.ts';
import { LEASE_LOST } from './leases/lease-rows.ts';
import { leasesSql } from './leases/lease-sql.ts';
import type { LeaseRow } from './leases/lease-sql.ts';
import type { CommitContent, SliceChange, TableChange } from './commit/commit-script.ts';
import { enterCostsSql } from './costs/costs-sql.ts';
import type { JobKind } from './costs/job-costs.ts';
import { LeaseKeeper } from '../leases/lease-keeper.ts';
import type { HeldLease } from '../leases/lease-keeper.ts';
import { BIGQUERY } from './capabilities.ts';
import { BigQueryLeases } from './leases/bigquery-leases.ts';
import { copiesSql, readCopies } from './commit/ledger-sql.ts';
import type { CopyRow } from './commit/ledger-sql.ts';
import { hashOf } from './tables/names.ts';
import { StreamTables } from './tables/stream-tables.ts';
import { fieldsOf, stageTable } from './tables/table-resources.ts';
import type { DefinitionOfStream } from '../tables/extracted-definitions.ts';
import type { PreparedTable } from '../tables/prepared-table.ts';
import { Semaphore } from './jobs/semaphore.ts';

/** Rows on their way to a table, readable from their beginning each time. */
export interface RowSource {
  readonly table: PreparedTable;
  readonly rows: number;
  open(): Readable;
}

/** Slices of one stream, each of them once, and their rows one after the other. */
export interface SliceSource extends RowSource {
  readonly slices: readonly DeclaredSlice[];
}

/** All that is to be committed together. */
export interface Flush {
  readonly slices: readonly SliceSource[];
  readonly tables: readonly RowSource[];
  /** Ledger rows without rows in a table. */
  readonly ledger: readonly LedgerRow[];
  readonly changes: readonly PartitionChange[];
  readonly run?: RunMark | undefined;
}

/** A dataset, the leases held on it, and the way in which everything is committed. */
export class BigQuerySession {
  readonly connection: BigQueryConnection;
  readonly leases: LeaseKeeper;
  readonly tables: StreamTables;
  readonly #clock: Clock;
  readonly #leaseClock: Clock;
  readonly #logger: Logger;
  readonly #signal: AbortSignal | undefined;
  readonly #statements = new Semaphore();
  /** Tells the work of this process from that of any other, where no lease does. */
  readonly #session = crypto.randomUUID();
  readonly #startedAt: string;
  #run: RunMark | undefined;
  /** What has not been committed yet, by stream and fingerprint. */
  readonly #definitions = new Map<string, DefinitionOfStream>();
  #flushes = 0;

  constructor(options: BigQueryOptions) {
    this.#clock = options.clock ?? systemClock;
    this.#leaseClock = options.leaseClock ?? systemClock;
    this.#startedAt = this.#wallTime();
    this.#logger = options.logger ?? silentLogger;
    this.#signal = options.signal;
    this.connection = new BigQueryConnection({
      settings: options.connection,
      labels: options.tables?.labels,
      clock: this.#leaseClock,
      logger: this.#logger,
      signal: options.signal,
      retries: options.retries,
    });
    this.tables = new StreamTables({
      connection: this.connection,
      options: options.tables ?? {},
      location: options.connection.location,
      clock: this.#leaseClock,
      viewClock: this.#clock,
      logger: this.#logger,
    });
    this.leases = new LeaseKeeper({
      store: new BigQueryLeases({
        connection: this.connection,
        statements: this.#statements,
        last: () => this.#costsSql('lease'),
      }),
      clock: this.#leaseClock,
      logger: this.#logger,
      timings: { ...BIGQUERY.leases.timings, ...options.leaseTimings },
      pollMs: BIGQUERY.leases.pollMs,
    });
  }

  async lease(accounts: readonly string[]): Promise<void> {
    await this.tables.ensureBookkeeping();
    await this.leases.acquire(accounts, this.#signal);
  }

  /** Enters with the next commit what a stream asks for. */
  define(definitions: readonly DefinitionOfStream[]): void {
    for (const definition of definitions) {
      this.#definitions.set(
        JSON.stringify([definition.stream, definition.fingerprint]),
        definition,
      );
    }
  }

  /** Takes the leases for a run, whose name its costs get; refuses one that newer ones have overtaken. */
  async begin(run: RunMark, accounts: readonly string[]): Promise<void> {
    this.#run = run;
    await this.lease(accounts);
    this.leases.refuseStale(accounts, run);
  }

  /**
   * Decides each slice by rule 6, loads the rows of those that apply, and commits everything in one
   * transaction. Nothing that changes the accounts can come between the decision and the commit: it
   * would raise an epoch, and the commit would find its own gone.
   */
  async flush(flush: Flush): Promise<ReadonlyMap<DeclaredSlice, SliceDecision>> {
    const accounts = accountsOf(flushedEntries(flush));
    if (flush.run !== undefined) {
      this.#run = flush.run;
      this.leases.refuseStale(accounts, flush.run);
    }
    const leases = this.leases.leasesOf(accounts);
    const decisions = await this.#decide(
      flush.slices.flatMap(({ slices }) => slices),
      flush.changes,
    );
    this.#flushes += 1;
    const identity = [leases, this.#session, this.#flushes];
    const stages: string[] = [];
    const slices = await allEnded(
      flush.slices.map((source) => this.#stageSlices(source, decisions, identity, stages)),
    );
    const tables = await allEnded(
      flush.tables.map((source) => this.#stageTable(source, identity, stages)),
    );
    const definitions = [...this.#definitions.values()];
    const content: CommitContent = {
      slices: slices.filter((change) => change !== undefined),
      tables,
      ledger: [...flush.ledger, ...[...decisions.values()].map(({ ledger }) => ledger)],
      changes: flush.changes,
      definitions,
      run: flush.run,
      leases,
      otherLeases: this.leases.held.filter(({ accountId }) => !accounts.includes(accountId)),
      savedAt: new Date(this.#clock.now()).toISOString(),
      heartbeatAt: this.#wallTime(),
    };
    if (await this.#commit(content, identity)) this.#definitions.clear();
    if (flush.run !== undefined) this.leases.noteCommitted(accounts, flush.run);
    await Promise.all(stages.map((stage) => this.tables.dropStage(stage)));
    return decisions;
  }

  /** Runs statements about accounts whose leases are held, in one transaction. */
  async administer(accounts: readonly string[], statements: readonly string[]): Promise<void> {
    this.#flushes += 1;
    const nothing = { slices: [], tables: [], ledger: [], changes: [], otherLeases: [] };
    const times = {
      savedAt: new Date(this.#clock.now()).toISOString(),
      heartbeatAt: this.#wallTime(),
    };
    const leases = this.leases.leasesOf(accounts);
    await this.#commit({ ...nothing, ...times, statements, leases }, [
      leases,
      this.#session,
      this.#flushes,
    ]);
  }

  /** Runs a script of its own: what concerns no account. */
  async execute(script: string): Promise<void> {
    this.#flushes += 1;
    await this.#statements.run(() =>
      this.connection.execute({ kind: 'commit', identity: [this.#session, this.#flushes] }, script),
    );
  }

  /** Gives the leases back and enters what was submitted, by one job; also when asked to stop. */
  async close(): Promise<void> {
    await this.leases.rest();
    this.connection.allowEnding();
    try {
      if (this.leases.isHolding) await this.leases.release();
      else if (this.connection.costs.jobs > 0) await this.#enterCosts();
    } finally {
      if (this.connection.costs.jobs > 0)
        this.#logger.info(this.connection.costs.fields(), 'run.cost');
    }
  }

  /** Where no lease is given back it takes a job of its own, which no load fails for. */
  async #enterCosts(): Promise<void> {
    try {
      await this.tables.ensureCosts();
      const work = { kind: 'cost', identity: [this.#session] } as const;
      await this.connection.execute(work, this.#costsSql('cost'));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.warn({ reason }, 'cost.unkept');
    }
  }

  /** `closing` is the kind of the job that it is a part of. */
  #costsSql(closing: JobKind): string {
    return enterCostsSql(this.connection.datasetName, {
      runId: this.#run?.id ?? this.#session,
      startedAt: this.#startedAt,
      endedAt: this.#wallTime(),
      kinds: this.connection.costs.kindsWith(closing),
    });
  }

  #wallTime(): string {
    return new Date(this.#leaseClock.now()).toISOString();
  }

  /** What the ledger says of the copies of each slice, in their order. */
  async ledgerOf(slices: readonly SliceKey[]): Promise<LedgerCopy[][]> {
    if (slices.length === 0) return [];
    const sql = copiesSql(this.connection.datasetName, slices);
    const copies = readCopies(await this.connection.rows<CopyRow>('read', sql));
    return slices.map((slice) => copies.get(sliceId(slice)) ?? []);
  }

  async #decide(
    closed: readonly DeclaredSlice[],
    changes: readonly PartitionChange[],
  ): Promise<Map<DeclaredSlice, SliceDecision>> {
    const slices = closed.map(({ mark }) => sliceOf(mark));
    const copies = await this.ledgerOf(slices);
    return new Map(
      closed.map((slice, index) => {
        const held = copies[index] ?? [];
        return [slice, decideSlice(slice.mark, slice.ledger, held, changes)];
      }),
    );
  }

  async #stageSlices(
    source: SliceSource,
    decisions: ReadonlyMap<DeclaredSlice, SliceDecision>,
    identity: readonly unknown[],
    stages: string[],
  ): Promise<SliceChange | undefined> {
    const applied = source.slices.filter(
      (slice) => decisions.get(slice)?.outcome.kind === 'applied',
    );
    if (applied.length === 0) return undefined;
    const rows = applied.reduce((sum, { mark }) => sum + mark.row_count, 0);
    const executions = source.slices.map(({ mark }) => mark.execution_id);
    const stage =
      rows === 0 ? undefined : await this.#stage(source, [...identity, executions], stages);
    return {
      table: source.table,
      stage,
      rows,
      slices: applied.map(({ mark }) => ({
        accountId: mark.account_id,
        eventDate: mark.event_date,
        executionId: mark.execution_id,
      })),
    };
  }

  async #stageTable(
    source: RowSource,
    identity: readonly unknown[],
    stages: string[],
  ): Promise<TableChange> {
    const stage = await this.#stage(source, identity, stages);
    return { table: source.table, stage, rows: source.rows };
  }

  /** Loads rows into a staging table of their own, and sees that all of them are there. */
  async #stage(source: RowSource, identity: readonly unknown[], stages: string[]): Promise<string> {
    const { table } = source;
    const parts = [table.definition.stream, ...identity];
    const stage = await this.tables.makeStage(table, hashOf(parts));
    stages.push(stage);
    const loaded = await this.connection.load({
      table: stage,
      fields: fieldsOf(stageTable(table, 0)),
      disposition: 'WRITE_TRUNCATE',
      identity: parts,
      open: () => source.open(),
    });
    if (loaded === source.rows) return stage;
    throw new SliceError(
      table.definition.stream,
      `${source.rows} rows were sent to BigQuery, but ${loaded} arrived. Nothing of them was kept. Run again.`,
    );
  }

  /** Answers whether there was anything to commit. */
  async #commit(content: CommitContent, identity: readonly unknown[]): Promise<boolean> {
    const { slices, tables, ledger, changes, statements = [] } = content;
    const isEmpty = [slices, tables, ledger, changes, statements].every(
      ({ length }) => length === 0,
    );
    if (isEmpty) return false;
    const script = commitScript(this.connection.datasetName, content);
    try {
      await this.#statements.run(() =>
        this.connection.execute({ kind: 'commit', identity }, script),
      );
      return true;
    } catch (error) {
      const isLost = error instanceof WarehouseError && error.message.includes(LEASE_LOST);
      throw isLost ? new LeaseLostError(await this.#lostOf(content.leases)) : error;
    }
  }

  /** The first account whose lease is another's. */
  async #lostOf(leases: readonly HeldLease[]): Promise<string> {
    const accounts = leases.map(({ accountId }) => accountId);
    const { datasetName } = this.connection;
    const rows = await this.connection.rows<LeaseRow>('read', leasesSql(datasetName, accounts));
    const epochs = new Map(rows.map(({ account_id, epoch }) => [account_id, epoch]));
    const lost = leases.find(({ accountId, epoch }) => epochs.get(accountId) !== epoch);
    return lost?.accountId ?? accounts.join(', ');
  }
}

/** As `Promise.all`, but nothing goes on behind a failure: what is read may be gone after it. */
async function allEnded<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

function flushedEntries({ slices, ledger, changes }: Flush): Pick<Entries, 'ledger' | 'changes'> {
  return {
    ledger: [...ledger, ...slices.flatMap((source) => source.slices.map((slice) => slice.ledger))],
    changes,
  };
}
