import { hashOf } from '../tables/names.ts';
import { replaceSql } from './table-changes.ts';
import { fieldsOf, stageTable } from '../tables/table-resources.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import type { RowSource, BigQuerySession } from '../bigquery-session.ts';

interface Replaced {
  table: PreparedTable;
  /** Staging table that gathers the rows; none before the first of them. */
  stage: string | undefined;
}

/** Tables that are replaced as a whole once everything has arrived. */
export class ReplacedTables {
  readonly #session: BigQuerySession;
  readonly #run = crypto.randomUUID();
  readonly #replaced = new Map<string, Replaced>();
  #loads = 0;

  constructor(session: BigQuerySession) {
    this.#session = session;
  }

  describe(table: PreparedTable): void {
    const { stream, method } = table.definition;
    if (method !== 'overwrite') return;
    this.#replaced.set(stream, { table, stage: this.#replaced.get(stream)?.stage });
  }

  has({ definition }: PreparedTable): boolean {
    return this.#replaced.has(definition.stream);
  }

  /** Adds rows to those that will take the table's place. */
  async add(source: RowSource): Promise<void> {
    const { connection, tables } = this.#session;
    const { table } = source;
    const { stream } = table.definition;
    this.#loads += 1;
    const stage = await tables.makeStage(table, hashOf([this.#run, stream]));
    this.#replaced.set(stream, { table, stage });
    await connection.load({
      table: stage,
      fields: fieldsOf(stageTable(table, 0)),
      disposition: 'WRITE_APPEND',
      identity: [this.#run, stream, this.#loads],
      open: () => source.open(),
    });
  }

  /** Replaces all of them in one transaction. */
  async replaceAll(): Promise<void> {
    if (this.#replaced.size === 0) return;
    const replaced = [...this.#replaced.values()];
    await this.#session.execute(replaceSql(this.#session.connection.datasetName, replaced));
    this.#replaced.clear();
    for (const { stage } of replaced) {
      if (stage !== undefined) await this.#session.tables.dropStage(stage);
    }
  }
}
