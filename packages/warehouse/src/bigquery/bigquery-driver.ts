import { systemClock } from '@traffic-events/client';
import type {
  PartitionChange,
  PartitionState,
  RunMark,
  SliceKey,
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
import { LeaseLostError, WarehouseError } from '../errors.ts';
import type { LoadRules } from '../messages/load-rules.ts';
import type { RecordFields } from '../messages/record-fields.ts';
import { knownDates } from '../messages/state-gate.ts';
import type { KnownDates } from '../messages/state-gate.ts';
import type { Waiting } from '../messages/waiting.ts';
import { refusedOutcome } from '../slices/refused-outcome.ts';
import type { DeclaredSlice, LedgerCopy, SliceDecision } from '../slices/slice-decision.ts';
import type { MetadataColumn } from '../tables/metadata-columns.ts';
import type { PreparedTable } from '../tables/prepared-table.ts';
import type { TableDefinition } from '../tables/table-definition.ts';
import type { BigQueryOptions } from './bigquery-options.ts';
import { BigQuerySession } from './bigquery-session.ts';
import type { SliceSource } from './bigquery-session.ts';
import { BIGQUERY } from './capabilities.ts';
import { knownDatesSql, statesSql } from './commit/ledger-sql.ts';
import { DeliveryQueue } from './commit/delivery-queue.ts';
import { DEFAULT_GROUP_LIMITS } from './commit/flush-groups.ts';
import { ReplacedTables } from './commit/replaced-tables.ts';
import { activateSql } from './commit/table-changes.ts';
import { recordFields } from './staging/record-lines.ts';
import { resultBytes } from './staging/result-lines.ts';
import type { ResultRules } from './staging/result-lines.ts';
import { StageFiles } from './staging/stage-files.ts';
import { openAll, StagedRows } from './staging/staged-rows.ts';

/** Slots that are filled together ask for their executions, and are told, in one breath. */
const GATHER_MS = 100;

/**
 * Loads into BigQuery: rows wait on disk, and what is whole is committed by one script. What is
 * delivered while a flush is under way goes into the next one together.
 */
export class BigQueryDriver implements LoadDriver<StagedRows, StagedRows>, ResultDriver {
  readonly capabilities = BIGQUERY;
  readonly #session: BigQuerySession;
  readonly #files = new StageFiles();
  /** As streams were described last: a slice that is open then has rows of before and after. */
  readonly #tables = new Map<string, PreparedTable>();
  readonly #replaced: ReplacedTables;
  readonly #queue = new DeliveryQueue<SliceOutcome | undefined>({
    limits: DEFAULT_GROUP_LIMITS,
    commit: (group) => this.#deliver(group),
    isOfOne: mayBeOfOneSlice,
    refusalOf: (error, { result }) => (result === undefined ? undefined : refusedOutcome(error)),
    gather: () => systemClock.sleep(GATHER_MS),
  });
  readonly #rules: ResultRules;
  #order = 0;

  /** Nothing is connected before its first use. */
  constructor(options: BigQueryOptions) {
    this.#rules = options;
    this.#session = new BigQuerySession(options);
    this.#replaced = new ReplacedTables(this.#session);
  }

  lease(accounts: readonly string[]): Promise<void> {
    return this.#session.lease(accounts);
  }

  begin(run: RunMark, accounts: readonly string[]): Promise<void> {
    return this.#session.begin(run, accounts);
  }

  async readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    await this.#session.lease(accounts);
    if (accounts.length === 0) return [];
    const { connection } = this.#session;
    const sql = statesSql(connection.datasetName, accounts);
    const rows = await connection.rows<{ stream: string; account_id: string; state: string }>(
      'read',
      sql,
    );
    return rows.map(({ stream, account_id: accountId, state }) => ({
      stream,
      accountId,
      state: JSON.parse(state) as PartitionState,
    }));
  }

  async administer(
    accounts: readonly string[],
    statements: () => Promise<string[]>,
  ): Promise<void> {
    await this.lease(accounts);
    await this.#session.administer(accounts, await statements());
  }

  ledgerOf(slices: readonly SliceKey[]): Promise<LedgerCopy[][]> {
    return this.#session.ledgerOf(slices);
  }

  deliver(delivery: Delivery): Promise<SliceOutcome | undefined> {
    return this.#queue.add(delivery);
  }

  async knownDates(accounts: readonly string[]): Promise<KnownDates> {
    const { connection, tables } = this.#session;
    await tables.ensureBookkeeping();
    return knownDates(
      await connection.rows('read', knownDatesSql(connection.datasetName, accounts)),
    );
  }

  async ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[],
  ): Promise<PreparedTable> {
    const table = await this.#session.tables.ensure(definition, metadata);
    this.#session.define(definition.definitions);
    this.#replaced.describe(table);
    this.#tables.set(definition.stream, table);
    return table;
  }

  fieldsOf(table: PreparedTable, rules: LoadRules): RecordFields {
    return recordFields(table, rules);
  }

  async openSlice(stream: StreamTable): Promise<StagedRows> {
    return this.#staged(stream);
  }

  tableWriter(stream: StreamTable, waiting: Waiting): StagedRows {
    return this.#staged(stream, waiting);
  }

  part(rows: StagedRows, from: number, to: number): Promise<StagedRows> {
    return rows.part(from, to);
  }

  async commit(
    changes: LoadChanges<StagedRows, StagedRows>,
  ): Promise<ReadonlyMap<DeclaredSlice, SliceDecision>> {
    const { slices, tables } = changes;
    for (const rows of tables) await rows.close();
    for (const rows of tables) {
      if (!this.#replaced.has(rows.table)) continue;
      await this.#replaced.add(rows);
      // They have arrived: should what comes next be refused, they are not sent again.
      await rows.discard();
    }
    const decisions = await this.#session.flush({
      ...changes,
      slices: [...Map.groupBy(slices, ({ mark }) => mark.stream)].map(([stream, ofStream]) => {
        const written = ofStream.map(({ writer }) => writer);
        const table = this.#tables.get(stream) ?? (written[0] as StagedRows).table;
        const rows = written.reduce((sum, writer) => sum + writer.rows, 0);
        return { table, rows, slices: ofStream, open: () => openAll(written) };
      }),
      tables: tables.filter(({ table }) => !this.#replaced.has(table)),
    });
    for (const { writer } of slices) await writer.abandon();
    for (const rows of tables) await rows.discard();
    return decisions;
  }

  async activate(rows: StagedRows, version: number, deletion: Deletion): Promise<void> {
    const tables = rows.rows > 0 ? [rows] : [];
    await this.commit({ slices: [], tables, ledger: [], changes: [], run: undefined });
    const { datasetName } = this.#session.connection;
    await this.#session.execute(activateSql(datasetName, rows.table, version, deletion));
  }

  async replaceAll(): Promise<void> {
    await this.#replaced.replaceAll();
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    await this.#files.remove();
    await this.#session.close();
  }

  async #deliver(group: readonly Delivery[]): Promise<(SliceOutcome | undefined)[]> {
    const decisions = await this.#session.flush({
      slices: sourcesOf(group, this.#rules),
      tables: [],
      ledger: group.flatMap(({ ledger }) => ledger),
      changes: group.flatMap(({ changes }) => changes),
      run: group[0]?.run,
    });
    return group.map(({ result }) => result && decisions.get(result)?.outcome);
  }

  #staged(stream: StreamTable, waiting?: Waiting): StagedRows {
    const nextOrder = () => (this.#order += 1);
    return new StagedRows(stream, { files: this.#files, nextOrder, waiting });
  }
}

function sourcesOf(group: readonly Delivery[], rules: ResultRules): SliceSource[] {
  const loaded = group.flatMap(({ result, table }) =>
    result === undefined || table === undefined ? [] : [{ result, table }],
  );
  return [...Map.groupBy(loaded, ({ table }) => table)].map(([table, ofTable]) => {
    const slices = ofTable.map(({ result }) => result);
    const rows = slices.reduce((sum, { mark }) => sum + mark.row_count, 0);
    return { table, rows, slices, open: () => resultBytes(slices, table, rules) };
  });
}

/** What may pass is a fault of the way there, and its commit may have arrived all the same. */
function mayBeOfOneSlice(error: unknown): boolean {
  if (!(error instanceof WarehouseError) || error instanceof LeaseLostError) return false;
  return error.action !== 'retriable';
}
