import type { TableField, TableMetadata } from '@google-cloud/bigquery';
import { silentLogger } from '@traffic-events/client';
import type { Clock, Logger } from '@traffic-events/client';
import { RESERVED_COLUMNS } from '@traffic-events/slice';
import { StatementError } from '../../errors.ts';
import type { ColumnKind } from '../../tables/column-kind.ts';
import { NewerWarehouseError, TakenNameError } from '../../errors.ts';
import { readNote } from '../../tables/held-table.ts';
import type { ColumnNote, HeldTable } from '../../tables/held-table.ts';
import type { MetadataColumn } from '../../tables/metadata-columns.ts';
import { prepareTable } from '../../tables/prepare-table.ts';
import type { TableStore } from '../../tables/prepare-table.ts';
import type { TableDefinition } from '../../tables/table-definition.ts';
import { makeViews } from '../views/make-views.ts';
import type { BigQueryConnection, JobWork } from '../jobs/bigquery-connection.ts';
import type { TableOptions } from '../jobs/bigquery-settings.ts';
import { copyFormerLeasesSql, retireFormerLeasesSql } from '../leases/former-leases.ts';
import { COLUMN_TYPES, FIELD_TYPES } from './column-types.ts';
import { refuseExpiringDataset, refuseExpiringTable } from './expiry.ts';
import { ensureKeyNote, KEY_LABEL } from './key-note.ts';
import { STAGE_PREFIX } from './names.ts';
import { qualified, quote } from './sql-text.ts';
import {
  bookkeepingTables,
  COSTS_TABLE,
  costsTable,
  described,
  fieldsOf,
  FORMER_LEASE_TABLE,
  formerLeaseTable,
  isRetired,
  lackedFromStart,
  FORMAT,
  FORMAT_LABEL,
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
  /** What views tell the time by. */
  readonly viewClock: Clock;
  readonly logger?: Logger;
}

/** What is no table and keeps one from having its name, by the type that its metadata states. */
const OTHER_THINGS: ReadonlyMap<string | undefined, string> = new Map([
  ['VIEW', 'a view'],
  ['MATERIALIZED_VIEW', 'a materialized view'],
  ['EXTERNAL', 'an external table'],
  ['SNAPSHOT', 'a snapshot'],
]);

/** Longer than any run; what a crash leaves behind is gone then. */
const STAGE_LIFETIME_MS = 3 * 86_400_000;

/** Makes the dataset, tables and columns before the jobs that need them, by requests that cost nothing. */
export class StreamTables implements TableStore {
  readonly columnTypes = COLUMN_TYPES;
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

  /** Makes the table of a stream, or what it lacks; widens where nothing can be lost. */
  async ensure(
    definition: TableDefinition,
    metadata: readonly MetadataColumn[] = [],
  ): Promise<PreparedTable> {
    if (isGuarded(definition)) await this.ensureBookkeeping();
    else await this.#ensureDataset();
    const table = wantedTable(definition, metadata);
    return definition.method === 'ledger' ? table : prepareTable(this, table);
  }

  async find({ table }: TableDefinition): Promise<HeldTable | undefined> {
    const found = await this.#find(table);
    if (found === undefined) return undefined;
    const fields = fieldsOf(found);
    const names = new Set(fields.map(({ name }) => name));
    const takesSlices = RESERVED_COLUMNS.every((name) => names.has(name));
    return {
      columns: fields.map((field) => ({
        name: field.name ?? '',
        type: typeOf(field),
        note: readNote(field.description),
      })),
      otherThing: OTHER_THINGS.get(found.type),
      takesSlices,
      isOfSlices: takesSlices && found.timePartitioning?.field === 'event_date',
      isOwned: true,
      keyNote: found.labels?.[KEY_LABEL],
    };
  }

  async create(table: PreparedTable): Promise<boolean> {
    const { dataset } = this.#options.connection;
    const resource = streamTable(table, this.#options.options);
    const made = await this.#options.connection.requestUnless(409, () =>
      dataset.createTable(table.definition.table, resource),
    );
    return made !== undefined;
  }

  async addColumns(table: PreparedTable, names: ReadonlySet<string>): Promise<void> {
    if (names.size === 0) return;
    const wanted = streamTable(table, this.#options.options);
    await this.#changeFields(table.definition.table, (fields) => [
      ...fields,
      ...missingFields(wanted, fields),
    ]);
  }

  async note({ table }: TableDefinition, notes: ReadonlyMap<string, ColumnNote>): Promise<void> {
    if (notes.size === 0) return;
    await this.#changeFields(table, (fields) =>
      fields.map((field) => {
        const note = notes.get(field.name ?? '');
        return note === undefined
          ? field
          : { ...field, ...described(field.description ?? undefined, note) };
      }),
    );
  }

  async alterColumns(definition: TableDefinition, kinds: ReadonlyMap<string, ColumnKind>) {
    const statements = [...kinds].map(([name, kind]) => this.alterSql(definition, name, kind));
    await this.#options.connection.execute(alteration(), `${statements.join(';\n')};`);
  }

  /** Brings views over a table up to date that were asked for once. */
  async refreshViews(table: string): Promise<void> {
    const { connection, options, viewClock, logger = silentLogger } = this.#options;
    const coverage = connection.dataset.table('coverage');
    const found = await connection.requestUnless(404, () => coverage.getMetadata());
    if (found?.[0].type !== 'VIEW') return;
    try {
      await makeViews({ connection, labels: options.labels, clock: viewClock, table });
    } catch (error) {
      if (!(error instanceof StatementError)) throw error;
      // What is loaded cannot be had again later; views can be made at any time.
      logger.warn({ reason: error.message }, 'views.outdated');
    }
  }

  ensureKey(table: PreparedTable, held: HeldTable): Promise<void> {
    if (isGuarded(table.definition)) return Promise.resolve();
    return ensureKeyNote(this.#options.connection, table, held);
  }

  alterSql({ table }: Pick<TableDefinition, 'table'>, name: string, kind: ColumnKind): string {
    const { datasetName } = this.#options.connection;
    const type = FIELD_TYPES[kind] === 'FLOAT' ? 'FLOAT64' : FIELD_TYPES[kind];
    return `ALTER TABLE ${qualified(datasetName, table)} ALTER COLUMN ${quote(name)} SET DATA TYPE ${type}`;
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
    await this.#adaptStage(stageOf(table, name), resource);
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
      if (name === LEASE_TABLE) refuseNewer(existing);
      if (existing !== undefined) this.#refuseTaken(name, resource, existing);
      if (existing !== undefined && missingFields(resource, fieldsOf(existing)).length > 0) {
        await this.#changeFields(name, (fields) => [...fields, ...missingFields(resource, fields)]);
      }
      if (existing === undefined && name === LEASE_TABLE) await this.#makeGuard();
    }
    await this.#retireFormerLeases();
  }

  /** Later versions add columns that may be absent: what lacks another was never ours. */
  #refuseTaken(name: string, resource: TableResource, existing: TableMetadata): void {
    const lacking = lackedFromStart(resource, existing);
    if (lacking.length === 0) return;
    const names = lacking.map((field) => field.name).join(', ');
    const { datasetName } = this.#options.connection;
    throw new TakenNameError(`Dataset ${datasetName}`, `${name} lacks ${names}`);
  }

  /** Nobody takes a lease before this is done; cut off in the middle, it is done anew. */
  async #retireFormerLeases(): Promise<void> {
    const { connection, options } = this.#options;
    const { dataset, datasetName } = connection;
    const existing = await this.#make(FORMER_LEASE_TABLE, formerLeaseTable(options));
    if (existing === undefined || isRetired(existing)) return;
    try {
      await connection.execute(alteration(), copyFormerLeasesSql(datasetName));
      await connection.execute(alteration(), retireFormerLeasesSql(datasetName));
    } catch (error) {
      // Another process may have done the same meanwhile.
      const [now] = await connection.request(() => dataset.table(FORMER_LEASE_TABLE).getMetadata());
      if (!isRetired(now)) throw error;
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
    const { connection } = this.#options;
    const found = await this.#find(name);
    if (found !== undefined) return found;
    const made = await connection.requestUnless(409, () =>
      connection.dataset.createTable(name, resource),
    );
    return made === undefined ? this.#find(name) : undefined;
  }

  async #find(name: string): Promise<TableMetadata | undefined> {
    const { connection, options } = this.#options;
    const table = connection.dataset.table(name);
    const found = await connection.requestUnless(404, () => table.getMetadata());
    if (found !== undefined) refuseExpiringTable(name, found[0], options);
    return found?.[0];
  }

  /** A table whose schema changes while it is gathered has rows of before in its stage. */
  async #adaptStage({ definition }: PreparedTable, wanted: TableResource): Promise<void> {
    const { table } = definition;
    const before = await this.#changeFields(table, (fields) => [
      ...fields,
      ...missingFields(wanted, fields),
    ]);
    const types = new Map(before.map(({ name, type }) => [name?.toLowerCase(), type ?? '']));
    const altered = new Map<string, ColumnKind>();
    for (const { name, kind } of definition.columns) {
      const type = types.get(name.toLowerCase());
      if (
        type !== undefined &&
        COLUMN_TYPES.heldType(type)?.kind !== kind &&
        type !== FIELD_TYPES[kind]
      ) {
        altered.set(name, kind);
      }
    }
    if (altered.size > 0) await this.alterColumns(definition, altered);
  }

  /** Answers the fields of before. */
  async #changeFields(
    name: string,
    change: (fields: readonly TableField[]) => readonly TableField[],
  ): Promise<TableField[]> {
    const { connection } = this.#options;
    const table = connection.dataset.table(name);
    const [existing] = await connection.request(() => table.getMetadata());
    const before = fieldsOf(existing);
    const fields = change(before);
    if (fields.length > before.length || fields.some((field, index) => field !== before[index])) {
      await connection.request(() => table.setMetadata({ schema: { fields: [...fields] } }));
    }
    return before;
  }
}

/** A field's type with its limits: `NUMERIC(10,2)`. */
function typeOf({ type = '', mode, precision, scale, maxLength }: TableField): string {
  if (mode === 'REPEATED') return `ARRAY<${type}>`;
  const size = [precision ?? maxLength, scale].filter((limit) => limit !== undefined);
  return size.length === 0 ? type : `${type}(${size.join(',')})`;
}

function alteration(): JobWork {
  return { kind: 'alter', identity: [crypto.randomUUID()] };
}

/** Tables of old have no step. */
function refuseNewer(existing: TableMetadata | undefined): void {
  const found = Number(existing?.labels?.[FORMAT_LABEL] ?? FORMAT);
  if (found > FORMAT) throw new NewerWarehouseError(found, FORMAT);
}
