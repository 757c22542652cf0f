import type {
  PartitionChange,
  RunMark,
  SliceKey,
  SliceMark,
  SliceOutcome,
} from '@traffic-events/slice';
import type {
  Deletion,
  Delivery,
  LoadChanges,
  LoadDriver,
  ResultDriver,
  StreamTable,
} from '../driver.ts';
import type { LoadRules } from '../messages/load-rules.ts';
import type { RecordFields } from '../messages/record-fields.ts';
import { knownDates } from '../messages/state-gate.ts';
import type { KnownDates } from '../messages/state-gate.ts';
import type { Waiting } from '../messages/waiting.ts';
import { accountsOf } from '../slices/entries.ts';
import type { Entries } from '../slices/entries.ts';
import { refusedOutcome } from '../slices/refused-outcome.ts';
import type { DeclaredSlice, LedgerCopy, SliceDecision } from '../slices/slice-decision.ts';
import type { SliceExecution } from '../slices/slice-execution.ts';
import type { MetadataColumn } from '../tables/metadata-columns.ts';
import type { PreparedTable } from '../tables/prepared-table.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import { POSTGRES } from './capabilities.ts';
import { recordRows } from './load/record-rows.ts';
import { loadResult } from './load/result-load.ts';
import { SliceStream } from './load/slice-stream.ts';
import type { SliceClosing } from './load/slice-load.ts';
import { TableLoad } from './load/table-load.ts';
import type { EncodingRules } from './load/value-encoder.ts';
import { stageName } from './tables/table-sql.ts';
import type { PostgresOptions } from './postgres-options.ts';
import { PostgresSession } from './postgres-session.ts';

/** A table that is replaced as a whole once everything has arrived. */
interface Replaced {
  readonly target: PreparedTable;
  /** What gathers the rows that take its place. */
  load: TableLoad | undefined;
}

/**
 * Loads into PostgreSQL over one connection: a slice that is open has its transaction there, and
 * makes way for whatever else is committed in between.
 */
export class PostgresDriver implements LoadDriver<SliceStream, TableLoad>, ResultDriver {
  readonly capabilities = POSTGRES;
  readonly #session: PostgresSession;
  readonly #rules: EncodingRules;
  /** By stream. */
  readonly #replaced = new Map<string, Replaced>();
  #slice: SliceStream | undefined;

  private constructor(session: PostgresSession, rules: EncodingRules) {
    this.#session = session;
    this.#rules = rules;
  }

  static async open(options: PostgresOptions): Promise<PostgresDriver> {
    return new PostgresDriver(await PostgresSession.open(options), options);
  }

  lease(accounts: readonly string[]): Promise<void> {
    return this.#session.retry(() => this.#session.lease(accounts));
  }

  async begin(run: RunMark, accounts: readonly string[]): Promise<void> {
    await this.lease(accounts);
    this.#session.leases.refuseStale(accounts, run);
  }

  readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    const session = this.#session;
    return session.retry(async () => {
      await session.lease(accounts);
      if (accounts.length === 0) return [];
      const { statements } = session.sliceOptions;
      return session.control.rows(
        statements
          .selectFrom('_traffic_events_state')
          .select(['stream', 'account_id as accountId', 'state'])
          .where('account_id', 'in', [...accounts])
          .orderBy('stream')
          .orderBy('account_id')
          .compile(),
      );
    });
  }

  async administer(
    accounts: readonly string[],
    statements: () => Promise<string[]>,
  ): Promise<void> {
    await this.lease(accounts);
    const all = await statements();
    const session = this.#session;
    await session.retry(() =>
      session.data.transaction(async () => {
        const { transaction } = session.sliceOptions;
        for (const accountId of accounts) await transaction.hold(accountId);
        for (const statement of all) await session.data.execute(statement);
      }),
    );
  }

  knownDates(accounts: readonly string[]): Promise<KnownDates> {
    const session = this.#session;
    return session.retry(async () => {
      await session.tables.ensureBookkeeping();
      const { statements } = session.sliceOptions;
      const rows = await session.control.rows(
        statements
          .selectFrom('extractions')
          .select(['stream', 'account_id', 'event_date'])
          .distinct()
          .where('account_id', 'in', [...accounts])
          .where('status', '<>', 'failed')
          .compile(),
      );
      return knownDates(rows);
    });
  }

  ledgerOf(slices: readonly SliceKey[]): Promise<LedgerCopy[][]> {
    return this.#session.retry(async () => {
      const { transaction } = this.#session.sliceOptions;
      const rows: LedgerCopy[][] = [];
      for (const { stream, accountId: account_id, eventDate: event_date } of slices) {
        rows.push(await transaction.ledgerOf({ stream, account_id, event_date }));
      }
      return rows;
    });
  }

  async deliver(delivery: Delivery): Promise<SliceOutcome | undefined> {
    const { result, table, ledger, changes, run } = delivery;
    if (result === undefined || table === undefined) {
      await this.#enter({ ledger, changes, run });
      return undefined;
    }
    const { mark } = result;
    const closing = { mark, ledger: result.ledger, otherLedger: ledger, changes, run };
    try {
      const loaded = { result, table, rules: this.#rules };
      const { outcome } = await loadResult(this.#session, loaded, closing);
      return outcome;
    } catch (error) {
      const refused = refusedOutcome(error);
      if (refused === undefined) throw error;
      return refused;
    }
  }

  async ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[],
  ): Promise<PreparedTable> {
    // ALTER TABLE would wait for the open transaction, which waits for its next row.
    if (this.#slice?.stream === definition.stream) await this.#slice.suspend();
    const target = await this.#ensure(definition, metadata);
    return definition.method === 'overwrite' ? this.#stageOf(target) : target;
  }

  fieldsOf(table: PreparedTable, rules: LoadRules): RecordFields {
    return recordRows(table, rules);
  }

  async openSlice(stream: StreamTable, execution: SliceExecution): Promise<SliceStream> {
    await this.#slice?.suspend();
    this.#slice = await SliceStream.open(this.#session, stream, execution);
    return this.#slice;
  }

  tableWriter(stream: StreamTable, waiting: Waiting): TableLoad {
    const load = new TableLoad(this.#session, stream, waiting);
    const replaced = this.#replaced.get(stream.table.definition.stream);
    if (replaced !== undefined) replaced.load = load;
    return load;
  }

  async part(rows: TableLoad, from: number, to: number): Promise<TableLoad> {
    return rows.part(from, to);
  }

  async commit(
    changes: LoadChanges<SliceStream, TableLoad>,
  ): Promise<ReadonlyMap<DeclaredSlice, SliceDecision>> {
    const { slices, tables, run } = changes;
    const decisions = new Map<DeclaredSlice, SliceDecision>();
    if (run !== undefined) {
      const entries = { ledger: changes.ledger, changes: changes.changes, run };
      if (slices.length > 1) await this.#slice?.suspend();
      for (const [index, slice] of slices.entries()) {
        const later = slices.slice(index + 1);
        decisions.set(slice, await slice.writer.commit(closingOf(slice, later, entries)));
      }
      if (slices.length === 0) await this.#enter(entries);
    }
    if (tables.length > 0) await this.#write(tables);
    return decisions;
  }

  async activate(rows: TableLoad, version: number, deletion: Deletion): Promise<void> {
    await this.#write([rows], () => rows.activate(version, deletion));
  }

  async replaceAll(): Promise<void> {
    if (this.#replaced.size === 0) return;
    const { tables } = this.#session;
    for (const { target } of this.#replaced.values()) {
      await this.#ensure(target.definition, target.metadata);
    }
    await this.#write([], async () => {
      for (const { target, load } of this.#replaced.values()) {
        await load?.replaceAllOf(tables.qualified(target.definition));
      }
    });
    this.#replaced.clear();
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #enter(entries: Entries): Promise<void> {
    if (entries.ledger.length === 0 && entries.changes.length === 0) return;
    await this.#slice?.suspend();
    const session = this.#session;
    await session.retry(() =>
      session.data.transaction(async () => {
        const { transaction } = session.sliceOptions;
        for (const accountId of accountsOf(entries)) await transaction.lock(accountId, entries.run);
        await transaction.enter(entries);
      }),
    );
  }

  /** Commits what waits of tables, in one transaction, and what `also` does in it. */
  async #write(loads: readonly TableLoad[], also?: () => Promise<void>): Promise<void> {
    await this.#slice?.suspend();
    await this.#session.retry(() =>
      this.#session.data.transaction(async () => {
        for (const load of loads) await load.write();
        await also?.();
      }),
    );
    for (const load of loads) load.clear();
  }

  /** The table that gathers what takes the place of all that `target` has. */
  async #stageOf(target: PreparedTable): Promise<PreparedTable> {
    const { definition, kinds, limits, metadata } = target;
    const stage: TableDefinition = {
      ...definition,
      table: stageName(this.#session.tables.qualified(definition)),
      method: definition.keyProperties.length > 0 ? 'upsert' : 'append',
      columns: definition.columns.map((column) => ({
        ...column,
        kind: kinds.get(column.name) ?? column.kind,
      })),
    };
    const isFirst = !this.#replaced.has(definition.stream);
    this.#replaced.set(definition.stream, { target, load: undefined });
    const made = await this.#session.retry(() =>
      this.#session.tables.ensureStage(stage, { isFirst, metadata }),
    );
    return { ...made, limits };
  }

  #ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[],
  ): Promise<PreparedTable> {
    return this.#session.retry(() => this.#session.tables.ensure(definition, metadata));
  }
}

/**
 * A slice is committed with the state that says so: of several that a STATE closes, each partition's
 * goes with the last slice of it, and what concerns no slice with the last of all.
 */
function closingOf(
  { mark, ledger }: DeclaredSlice,
  later: readonly DeclaredSlice[],
  entries: Entries,
): SliceClosing {
  const changes = entries.changes.filter((change) => {
    if (later.some((slice) => isOfPartition(change, slice.mark))) return false;
    return later.length === 0 || isOfPartition(change, mark);
  });
  const otherLedger = later.length === 0 ? entries.ledger : [];
  return { mark, ledger, otherLedger, changes, states: entries.changes, run: entries.run };
}

function isOfPartition({ stream, accountId }: PartitionChange, mark: SliceMark): boolean {
  return stream === mark.stream && accountId === mark.account_id;
}
