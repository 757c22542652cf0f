import type { Deletion, LoadChanges, LoadDriver, StreamTable } from '../driver.ts';
import type { LoadRules } from '../messages/load-rules.ts';
import type { RecordFields } from '../messages/record-fields.ts';
import type { KnownDates } from '../messages/state-gate.ts';
import type { Waiting } from '../messages/waiting.ts';
import type { ClosedSlice, SliceDecision } from '../slices/slice-decision.ts';
import type { MetadataColumn } from '../tables/metadata-columns.ts';
import type { PreparedTable } from '../tables/prepared-table.ts';
import type { StreamDefinition } from '../tables/stream-definition.ts';
import { BIGQUERY } from './capabilities.ts';
import { ReplacedTables } from './commit/replaced-tables.ts';
import { activateSql } from './commit/table-changes.ts';
import { recordFields } from './staging/record-lines.ts';
import { StageFiles } from './staging/stage-files.ts';
import { openAll, StagedRows } from './staging/staged-rows.ts';
import { WarehouseSession } from './warehouse-session.ts';
import type { BigQueryOptions } from './warehouse-session.ts';

/** Loads into BigQuery: rows wait on disk, and what is whole is committed by one script. */
export class BigQueryDriver implements LoadDriver<StagedRows, StagedRows> {
  readonly capabilities = BIGQUERY;
  readonly #session: WarehouseSession;
  readonly #files: StageFiles;
  readonly #replaced: ReplacedTables;
  #order = 0;

  private constructor(session: WarehouseSession, files: StageFiles) {
    this.#session = session;
    this.#files = files;
    this.#replaced = new ReplacedTables(session);
  }

  static async open(options: BigQueryOptions): Promise<BigQueryDriver> {
    return new BigQueryDriver(new WarehouseSession(options), await StageFiles.make());
  }

  lease(accounts: readonly string[]): Promise<void> {
    return this.#session.lease(accounts);
  }

  knownDates(accounts: readonly string[]): Promise<KnownDates> {
    return this.#session.knownDates(accounts);
  }

  async ensure(
    definition: StreamDefinition,
    metadata: readonly MetadataColumn[],
    description: string | undefined,
  ): Promise<PreparedTable> {
    const table = await this.#session.tables.ensure(definition, metadata, description);
    this.#replaced.describe(table);
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

  async commit(
    changes: LoadChanges<StagedRows, StagedRows>,
  ): Promise<ReadonlyMap<ClosedSlice, SliceDecision>> {
    const { slices, tables } = changes;
    for (const rows of tables) await rows.close();
    for (const rows of tables) if (this.#replaced.has(rows.table)) await this.#replaced.add(rows);
    const decisions = await this.#session.flush({
      ...changes,
      slices: [...Map.groupBy(slices, ({ mark }) => mark.stream).values()].map((ofStream) => {
        const written = ofStream.map(({ writer }) => writer);
        const { table } = written[0] as StagedRows;
        const rows = written.reduce((sum, writer) => sum + writer.rows, 0);
        return { table, rows, slices: ofStream, open: () => openAll(written) };
      }),
      tables: tables.filter(({ table }) => !this.#replaced.has(table)),
    });
    for (const { writer } of slices) await writer.abandon();
    for (const rows of tables) await rows.abandon();
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
    await this.#files.remove();
    await this.#session.close();
  }

  #staged(stream: StreamTable, waiting?: Waiting): StagedRows {
    const nextOrder = () => (this.#order += 1);
    return new StagedRows(stream, { files: this.#files, nextOrder, waiting });
  }
}
