import type { TableMetadata } from '@google-cloud/bigquery';
import type { Clock } from '@traffic-events/client';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { fittingKind } from '../../tables/fitting-kind.ts';
import type { MetadataColumn } from '../../tables/metadata-columns.ts';
import type { TableDefinition } from '../../tables/table-definition.ts';
import type { BigQueryConnection } from '../jobs/bigquery-connection.ts';
import type { TableOptions } from '../jobs/bigquery-settings.ts';
import { COLUMN_TYPES, FIELD_TYPES } from './column-types.ts';
import { refuseExpiringDataset, refuseExpiringTable } from './expiry.ts';
import { STAGE_PREFIX } from './names.ts';
import { qualified, quote } from './sql-text.ts';
import {
  bookkeepingTables,
  COSTS_TABLE,
  costsTable,
  fieldsOf,
  LEASE_TABLE,
  missingFields,
  stageOf,
  stageTable,
  streamTable,
} from './table-resources.ts';
import { isGuarded, wantedTable } from '../../tables/prepared-table.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import type { TableResource } from './table-resources.ts';

interface StreamTablesOptions {
  readonly connection: BigQueryConnection;
  readonly options: TableOptions;
  readonly location: string | undefined;
  /** Wall time: expirations are the service's. */
  readonly clock: Clock;
}

/** Longer than any run; what a crash leaves behind is gone then. */
const STAGE_LIFETIME_MS = 3 * 86_400_000;

/** Makes the dataset, tables and columns before the jobs that need them, by requests that cost nothing. */
export class StreamTables {
  readonly #options: StreamTablesOptions;
  #dataset: Promise<void> | undefined;
  #bookkeeping: Promise<void> | undefined;

  constructor(options: StreamTablesOptions) {
    this.#options = options;
  }

  /** Makes the ledger and the other tables of slices, once. */
  async ensureBookkeeping(): Promise<void> {
    this.#bookkeeping ??= this.#makeBookkeeping();
    await this.#bookkeeping;
  }

  /** Makes the table of what runs cost, where the ledger's company is not needed. */
  async ensureCosts(): Promise<void> {
    if (this.#bookkeeping !== undefined) return this.#bookkeeping;
    await this.#ensureDataset();
    await this.#make(COSTS_TABLE, costsTable(this.#options.options));
  }

  /** Makes the table of a stream, or the columns that it lacks; widens where nothing can be lost. */
  async ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[] = [],
    description?: string,
  ): Promise<PreparedTable> {
    if (isGuarded(definition)) await this.ensureBookkeeping();
    else await this.#ensureDataset();
    const table = wantedTable(definition, metadata);
    if (definition.method === 'ledger') return table;
    const wanted = streamTable(table, description, this.#options.options);
    const existing = await this.#make(definition.table, wanted);
    return existing === undefined ? table : this.#adapt(table, wanted, existing);
  }

  /**
   * Makes a staging table, or what it lacks. Answers its name, which is that of the same work's when
   * it comes again.
   */
  async makeStage(table: PreparedTable, hash: string): Promise<string> {
    const name = `${STAGE_PREFIX}${hash}`;
    const resource = stageTable(table, this.#options.clock.now() + STAGE_LIFETIME_MS);
    const { connection } = this.#options;
    const { dataset } = connection;
    const made = await connection.requestUnless(409, () => dataset.createTable(name, resource));
    if (made !== undefined) return name;
    const [existing] = await connection.request(() => dataset.table(name).getMetadata());
    await this.#adapt(stageOf(table, name), resource, existing);
    return name;
  }

  /** Drops a staging table; one that stays expires by itself. */
  async dropStage(name: string): Promise<void> {
    const { connection } = this.#options;
    await connection.requestUnless(404, () => connection.dataset.table(name).delete());
  }

  async #makeBookkeeping(): Promise<void> {
    await this.#ensureDataset();
    for (const [name, resource] of bookkeepingTables(this.#options.options)) {
      const existing = await this.#make(name, resource);
      if (existing !== undefined) await this.#addFields(name, resource, existing);
      if (existing === undefined && name === LEASE_TABLE) await this.#makeGuard();
    }
  }

  /** The row that transactions change which make another row: two that only insert would not collide. */
  async #makeGuard(): Promise<void> {
    const { connection } = this.#options;
    const table = qualified(connection.datasetName, LEASE_TABLE);
    await connection.execute(
      { kind: 'lease', identity: [crypto.randomUUID()] },
      `INSERT INTO ${table} (account_id, epoch) VALUES ('*', 0)`,
    );
  }

  async #ensureDataset(): Promise<void> {
    this.#dataset ??= this.#makeDataset();
    await this.#dataset;
  }

  async #makeDataset(): Promise<void> {
    const { connection, location, options } = this.#options;
    const { dataset } = connection;
    const found = await connection.requestUnless(404, () => dataset.getMetadata());
    if (found === undefined) {
      const made = {
        ...(location === undefined ? {} : { location }),
        ...(options.labels === undefined ? {} : { labels: { ...options.labels } }),
      };
      await connection.requestUnless(409, () => dataset.create(made));
    }
    const [metadata] = await connection.request(() => dataset.getMetadata());
    connection.runIn(metadata.location);
    refuseExpiringDataset(connection.datasetName, metadata, options);
  }

  /** Makes a table. Answers what is there when it exists. */
  async #make(name: string, resource: TableResource): Promise<TableMetadata | undefined> {
    const { connection, options } = this.#options;
    const { dataset } = connection;
    const find = () => connection.requestUnless(404, () => dataset.table(name).getMetadata());
    const found =
      (await find()) ??
      ((await connection.requestUnless(409, () => dataset.createTable(name, resource))) ===
      undefined
        ? await find()
        : undefined);
    if (found === undefined) return undefined;
    refuseExpiringTable(name, found[0], options);
    return found[0];
  }

  async #adapt(
    table: PreparedTable,
    wanted: TableResource,
    existing: TableMetadata,
  ): Promise<PreparedTable> {
    const { definition } = table;
    await this.#addFields(definition.table, wanted, existing);
    const types = new Map(
      fieldsOf(existing).map(({ name, type }) => [name?.toLowerCase(), type ?? '']),
    );
    const kinds = new Map<string, ColumnKind>();
    for (const column of definition.columns) {
      const { name } = column;
      const type = types.get(name.toLowerCase());
      const fitting = fittingKind(definition, column, type, COLUMN_TYPES);
      if (fitting.alterTo !== undefined) await this.#alter(definition.table, name, fitting.alterTo);
      kinds.set(name, fitting.kind);
    }
    return { ...table, kinds };
  }

  async #addFields(name: string, wanted: TableResource, existing: TableMetadata): Promise<void> {
    const missing = missingFields(wanted, fieldsOf(existing));
    if (missing.length === 0) return;
    const { connection } = this.#options;
    const schema = { fields: [...fieldsOf(existing), ...missing] };
    await connection.request(() => connection.dataset.table(name).setMetadata({ schema }));
  }

  async #alter(table: string, column: string, kind: ColumnKind): Promise<void> {
    const { connection } = this.#options;
    const type = FIELD_TYPES[kind] === 'FLOAT' ? 'FLOAT64' : FIELD_TYPES[kind];
    await connection.execute(
      { kind: 'alter', identity: [crypto.randomUUID()] },
      `ALTER TABLE ${qualified(connection.datasetName, table)} ALTER COLUMN ${quote(column)} SET DATA TYPE ${type}`,
    );
  }
}
