import { LEDGER_SCHEMA, LEDGER_STREAM, RESERVED_COLUMNS } from '@traffic-events/slice';
import { StreamSchemaError, tableFailure } from '../errors.ts';
import type { ColumnKind } from './column-kind.ts';
import { fittingColumn } from './fitting-column.ts';
import type { ColumnLimit, ColumnTypes, FittingColumn, FittingOptions } from './fitting-column.ts';
import { assignColumns } from './held-columns.ts';
import type { AssignedColumn } from './held-columns.ts';
import type { ColumnNote, HeldTable } from './held-table.ts';
import type { MetadataColumn } from './metadata-columns.ts';
import {
  compared,
  CURRENCIES_TABLE,
  DEFINITIONS_TABLE,
  identifierOf,
  RATES_TABLE,
} from './naming.ts';
import { isGuarded } from './prepared-table.ts';
import type { PreparedTable } from './prepared-table.ts';
import type { ColumnDefinition, TableDefinition } from './table-definition.ts';

/** The tables of a warehouse, for whoever makes them fit. */
export interface TableStore {
  readonly columnTypes: ColumnTypes;
  /** Undefined where there is no such table. */
  find(definition: TableDefinition): Promise<HeldTable | undefined>;
  /** Answers false where somebody else has made it meanwhile. */
  create(table: PreparedTable): Promise<boolean>;
  /** Adds the columns of a table that have these names. */
  addColumns(table: PreparedTable, names: ReadonlySet<string>): Promise<void>;
  /** Lets columns hold wider kinds. */
  alterColumns(definition: TableDefinition, kinds: ReadonlyMap<string, ColumnKind>): Promise<void>;
  /** Notes at columns which property they have. */
  note(definition: TableDefinition, notes: ReadonlyMap<string, ColumnNote>): Promise<void>;
  /** Called when a table of slices was made, or has got columns: what reads it knows that then. */
  refreshViews(table: string): Promise<void>;
  /**
   * Lets the rows of a table that is there be told by the key of its stream from now on. Throws
   * `keyViolated` where they cannot be.
   */
  ensureKey(table: PreparedTable, held: HeldTable): Promise<void>;
  /** The statement by which the owner of a table makes a column hold a kind. */
  alterSql(definition: TableDefinition, name: string, kind: ColumnKind): string;
}

/**
 * Makes a table, or what it lacks, and widens where nothing can be lost. Answers it with the columns
 * that its properties really have. Throws `StreamSchemaError` where it cannot be made to fit, and
 * `StreamTableError` where the warehouse does not let us.
 */
export async function prepareTable(
  store: TableStore,
  wanted: PreparedTable,
): Promise<PreparedTable> {
  try {
    return await prepared(store, wanted);
  } catch (error) {
    throw tableFailure(wanted.definition.stream, error);
  }
}

async function prepared(store: TableStore, wanted: PreparedTable): Promise<PreparedTable> {
  const found = await store.find(wanted.definition);
  if (found === undefined && (await store.create(wanted))) {
    if (wanted.definition.method === 'slices') await store.refreshViews(wanted.definition.table);
    return wanted;
  }
  const held = found ?? (await store.find(wanted.definition));
  if (held === undefined) throw new TypeError(`table ${wanted.definition.table} comes and goes`);
  refuseOthers(wanted.definition, held);
  return adapt(store, wanted, held);
}

async function adapt(
  store: TableStore,
  wanted: PreparedTable,
  held: HeldTable,
): Promise<PreparedTable> {
  const assigned = assignColumns(wanted.definition, held.columns);
  const kinds = new Map<string, ColumnKind>();
  const limits = new Map<string, ColumnLimit>();
  const altered = new Map<string, ColumnKind>();
  const options = {
    types: store.columnTypes,
    isOurs: held.isOfSlices,
    alterSql: (name: string, kind: ColumnKind) => store.alterSql(wanted.definition, name, kind),
  };
  const columns = assigned.map((each) => {
    const { column, fitting } = fittingOf(wanted.definition, each, held, options);
    kinds.set(column.name, fitting.kind);
    if (fitting.alterTo !== undefined) altered.set(column.name, fitting.alterTo);
    if (fitting.limit !== undefined) limits.set(column.name, fitting.limit);
    return column;
  });
  const definition = { ...wanted.definition, columns };
  const metadata = [...wanted.metadata, ...emptied(columns, held, options.types)];
  const table = { definition, metadata, kinds, limits };
  const missing = missingNames(table, held);
  await store.addColumns(table, missing);
  if (missing.size > 0 && definition.method === 'slices')
    await store.refreshViews(wanted.definition.table);
  if (altered.size > 0) await store.alterColumns(definition, altered);
  if (held.isOwned && !isGuarded(definition)) await store.note(definition, newNotes(assigned));
  await store.ensureKey(table, held);
  return table;
}

interface Fitting {
  readonly column: ColumnDefinition;
  readonly fitting: FittingColumn;
}

/** A property whose type its column cannot hold gets a second one, where that is asked for. */
function fittingOf(
  definition: TableDefinition,
  { column, held: has }: AssignedColumn,
  held: HeldTable,
  options: FittingOptions,
): Fitting {
  if (has === undefined) return { column, fitting: { kind: column.kind } };
  if (has.isGenerated === true) {
    throw new StreamSchemaError(
      definition.stream,
      `column ${has.name} of table ${definition.table} is filled by the server, which takes no values for it. Leave the property out in the tap, or change the column.`,
    );
  }
  try {
    return { column, fitting: fittingColumn(definition, column, has, options) };
  } catch (error) {
    const { property } = column;
    if (!definition.mayAddColumns || definition.keyProperties.includes(property)) throw error;
    const name = identifierOf(`${column.name}__${column.kind}`, definition.naming);
    const second = { ...column, name };
    const other = held.columns.find((candidate) => candidate.name === name);
    if (other === undefined) return { column: second, fitting: { kind: column.kind } };
    if (other.note?.property !== property) throw error;
    return { column: second, fitting: fittingColumn(definition, second, other, options) };
  }
}

/** Other columns of the same properties: what they held of a row goes with the row. */
function emptied(
  columns: readonly ColumnDefinition[],
  held: HeldTable,
  { heldType }: ColumnTypes,
): MetadataColumn[] {
  const loaded = new Map(columns.map(({ property, name }) => [property, name]));
  return held.columns.flatMap(({ name, type, note }) => {
    const other = note?.isMade === true ? loaded.get(note.property) : undefined;
    if (other === undefined || other === name) return [];
    return [{ name, kind: heldType(type)?.kind ?? 'text', valueOf: () => null }];
  });
}

function missingNames({ definition, metadata }: PreparedTable, held: HeldTable): Set<string> {
  const { naming } = definition;
  const names = new Set(held.columns.map(({ name }) => compared(name, naming)));
  return new Set(
    [...definition.columns, ...metadata].flatMap(({ name }) =>
      names.has(compared(name, naming)) ? [] : [name],
    ),
  );
}

/** What a column is called says whose it is, unless names differ: then it is noted, once. */
function newNotes(assigned: ReturnType<typeof assignColumns>): Map<string, ColumnNote> {
  return new Map(
    assigned.flatMap(({ column: { name, property }, held }) =>
      held !== undefined && held.note === undefined && name !== property
        ? [[name, { property, isMade: false }] as const]
        : [],
    ),
  );
}

/** Columns of what this loader keeps beside the tables of streams, by table. */
const BOOKKEEPING: ReadonlyMap<string, readonly string[]> = new Map([
  [LEDGER_STREAM, Object.keys(LEDGER_SCHEMA.properties)],
  [CURRENCIES_TABLE, ['account_id', 'currency']],
  [RATES_TABLE, ['rate_date', 'from_currency', 'to_currency', 'rate', 'published_on']],
  [DEFINITIONS_TABLE, ['stream', 'fingerprint', 'query', 'first_used_at', 'last_used_at']],
]);

/** What the warehouse holds decides, not what a stream declares. */
function refuseOthers(definition: TableDefinition, held: HeldTable): void {
  const { stream, table, method } = definition;
  const { otherThing, lackedRights = [] } = held;
  if (otherThing !== undefined) {
    throw new StreamSchemaError(
      stream,
      `${table} is ${otherThing}, and rows go into tables only. Rename or drop it, or load into another place.`,
    );
  }
  const names = new Set(held.columns.map(({ name }) => name));
  if (method === 'slices') {
    if (held.takesSlices && lackedRights.length === 0) return;
    if (held.takesSlices) {
      throw new StreamSchemaError(
        stream,
        `table ${table} gives us no right to ${lackedRights.join(', ')}. Have its owner say GRANT ${lackedRights.join(', ')}, or load as its owner.`,
      );
    }
    throw new StreamSchemaError(
      stream,
      `table ${table} is there and was not made for slices: it lacks ${lacking(names)}. Rename that table, or load into another place.`,
    );
  }
  const isKept = BOOKKEEPING.get(table)?.every((name) => names.has(name)) === true;
  if (!isKept && !held.isOfSlices) return;
  throw new StreamSchemaError(
    stream,
    `table ${table} ${isKept ? 'is kept by the loader' : 'holds slices'} and takes nothing else: what the API no longer has would be gone. Rename the stream in the tap, or load it into another place.`,
  );
}

function lacking(names: ReadonlySet<string>): string {
  const absent = RESERVED_COLUMNS.filter((name) => !names.has(name));
  return absent.length === 0 ? 'partitions by event_date' : `the columns ${absent.join(', ')}`;
}
