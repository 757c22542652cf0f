import type { TableField, TableMetadata } from '@google-cloud/bigquery';
import { LEDGER_SCHEMA, LEDGER_STREAM, RESERVED_COLUMNS } from '@traffic-events/slice';
import type { ColumnKind } from '../../tables/column-kind.ts';
import type { MetadataColumn } from '../../tables/metadata-columns.ts';
import { descriptionOf, MAX_DESCRIPTION } from '../../tables/description.ts';
import { noteText } from '../../tables/held-table.ts';
import type { ColumnNote } from '../../tables/held-table.ts';
import { CURRENCIES_TABLE, DEFINITIONS_TABLE, RATES_TABLE } from '../../tables/naming.ts';
import { isGuarded } from '../../tables/prepared-table.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { defineTable } from '../../tables/table-definition.ts';
import type { ColumnDefinition, TableDefinition } from '../../tables/table-definition.ts';
import type { TableOptions } from '../jobs/bigquery-settings.ts';
import { FIELD_TYPES } from './column-types.ts';
import { KEY_LABEL, keyNoteOf } from './key-note.ts';
import { BIGQUERY_NAMES, ORDER_COLUMN } from './names.ts';

/** What a table is made with: the body of tables.insert without its reference. */
export type TableResource = Readonly<TableMetadata>;

export const COSTS_TABLE = '_traffic_events_costs';
export const LEASE_TABLE = '_traffic_events_leases';
/** Where leases stood when programs of before looked for them. */
export const FORMER_LEASE_TABLE = '_traffic_events_lease';
export const STATE_TABLE = '_traffic_events_state';

/** The step that these tables are of, as a label of the table that every loader looks at first. */
export const FORMAT_LABEL = 'traffic_events_step';
export const FORMAT = 1;

const DAY_MS = 86_400_000;
const RESERVED: ReadonlySet<string> = new Set(RESERVED_COLUMNS);
const CLUSTER_BY = ['campaign_id', 'campaign', 'line_item_id'] as const;
const CLUSTERABLE: ReadonlySet<ColumnKind> = new Set(['integer', 'text', 'date', 'boolean']);

/** The table of a stream, with descriptions, partitions and clustering. */
export function streamTable(
  { definition, metadata }: Pick<PreparedTable, 'definition' | 'metadata'>,
  options: TableOptions,
): TableResource {
  const { description } = definition;
  const note = keyNoteOf({ definition });
  const labels = { ...options.labels, ...(note === undefined ? {} : { [KEY_LABEL]: note }) };
  return {
    schema: { fields: [...definition.columns.map(fieldOf(definition)), ...metadata.map(added)] },
    ...(description === undefined ? {} : { description }),
    ...(Object.keys(labels).length === 0 ? {} : { labels }),
    ...storageOf(definition, options),
  };
}

/** A table that rows are loaded into before their transaction. JSON is text there until it is parsed. */
export function stageOf(table: PreparedTable, name: string): PreparedTable {
  const { definition, kinds } = table;
  const columns = definition.columns.map((column) => {
    const kind = kinds.get(column.name) ?? column.kind;
    return { ...column, kind: kind === 'json' ? ('text' as const) : kind };
  });
  return { ...table, definition: { ...definition, table: name, columns } };
}

/** What a staging table is made with. */
export function stageTable(table: PreparedTable, expirationMs: number): TableResource {
  const { definition, metadata } = stageOf(table, '');
  const fields = [...definition.columns, ...metadata].map(added);
  return {
    schema: { fields: [...fields, { name: ORDER_COLUMN, type: FIELD_TYPES.integer }] },
    expirationTime: String(expirationMs),
  };
}

/** The ledger as docs/tables.md has it. */
export function ledgerTable(options: TableOptions): TableResource {
  const definition = defineTable(
    { stream: LEDGER_STREAM, schema: LEDGER_SCHEMA, keyProperties: ['extraction_id'] },
    { ...BIGQUERY_NAMES, numberMode: 'double' },
  );
  const table = streamTable({ definition, metadata: [] }, options);
  return {
    ...table,
    timePartitioning: { type: 'MONTH', field: 'event_date' },
    clustering: { fields: ['account_id', 'stream'] },
  };
}

/** The tables beside those of streams, by name; first the one that says of which step they are. */
export function bookkeepingTables(options: TableOptions): ReadonlyMap<string, TableResource> {
  const labels = options.labels === undefined ? {} : { labels: { ...options.labels } };
  return new Map([
    [
      LEASE_TABLE,
      {
        description: 'Who may write to an account. Changed only by the loader.',
        schema: { fields: leaseFields('INTEGER') },
        labels: { ...options.labels, [FORMAT_LABEL]: String(FORMAT) },
      },
    ],
    [LEDGER_STREAM, ledgerTable(options)],
    [
      STATE_TABLE,
      {
        description: 'State of traffic-events sync per stream and account.',
        schema: {
          fields: [
            required('stream', 'STRING'),
            required('account_id', 'STRING'),
            required('state', 'JSON'),
            required('run_id', 'STRING'),
            required('saved_at', 'TIMESTAMP'),
          ],
        },
        ...labels,
      },
    ],
    [COSTS_TABLE, costsTable(options)],
    [
      DEFINITIONS_TABLE,
      {
        description: 'What each fingerprint of the ledger stands for.',
        schema: {
          fields: [
            required('stream', 'STRING'),
            required('fingerprint', 'STRING'),
            required('time_zone', 'STRING'),
            required('kind', 'STRING'),
            required('query', 'STRING'),
            required('columns', 'JSON'),
            required('first_used_at', 'TIMESTAMP'),
            required('last_used_at', 'TIMESTAMP'),
          ],
        },
        ...labels,
      },
    ],
    [
      CURRENCIES_TABLE,
      {
        description: 'Currencies of accounts, in which the views show costs.',
        schema: {
          fields: [
            required('account_id', 'STRING'),
            required('currency', 'STRING'),
            { name: 'reporting_currency', type: 'STRING' },
          ],
        },
        ...labels,
      },
    ],
    [
      RATES_TABLE,
      {
        description: 'What a unit of one currency is in another, by date; filled by the user.',
        schema: {
          fields: [
            required('rate_date', 'DATE'),
            required('from_currency', 'STRING'),
            required('to_currency', 'STRING'),
            required('rate', 'BIGNUMERIC'),
            required('published_on', 'DATE'),
          ],
        },
        ...labels,
      },
    ],
  ]);
}

function leaseFields(epochType: 'INTEGER' | 'STRING'): TableField[] {
  return [
    required('account_id', 'STRING'),
    required('epoch', epochType),
    { name: 'run_id', type: 'STRING' },
    { name: 'run_started_at', type: 'TIMESTAMP' },
    { name: 'heartbeat_at', type: 'TIMESTAMP' },
    { name: 'holder', type: 'STRING' },
  ];
}

/**
 * What stands where programs of before look for leases, or would make the table anew: they raise an
 * epoch before they write anything, and a text cannot be raised. They would take what is loaded now
 * for another definition's.
 */
export function formerLeaseTable({ labels }: TableOptions): TableResource {
  return {
    description: `Empty: leases stand in ${LEASE_TABLE}, where programs of before do not look.`,
    schema: { fields: leaseFields('STRING') },
    ...(labels === undefined ? {} : { labels: { ...labels } }),
  };
}

/** Whether a table of former leases is the one that programs of before fail on. */
export function isRetired(table: TableMetadata): boolean {
  return fieldsOf(table).some(({ name, type }) => name === 'epoch' && type === 'STRING');
}

/** What each run has cost: in the datasets of any tap too. */
export function costsTable({ labels }: TableOptions): TableResource {
  return {
    description:
      'Jobs of each run and the bytes that were billed for them, a row per run and kind.',
    schema: {
      fields: [
        required('run_id', 'STRING'),
        required('started_at', 'TIMESTAMP'),
        required('ended_at', 'TIMESTAMP'),
        required('kind', 'STRING'),
        required('jobs', 'INTEGER'),
        required('bytes_billed', 'INTEGER'),
      ],
    },
    ...(labels === undefined ? {} : { labels: { ...labels } }),
  };
}

/** Fields that a table lacks; BigQuery adds only nullable ones. */
export function missingFields(
  wanted: TableResource,
  existing: readonly TableField[],
): TableField[] {
  return lackingFields(wanted, existing).map((field) => ({ ...field, mode: 'NULLABLE' }));
}

/** Fields that a table lacks and that it has had from the start, if it is the one that is wanted. */
export function lackedFromStart(wanted: TableResource, existing: TableResource): TableField[] {
  return lackingFields(wanted, fieldsOf(existing)).filter(({ mode }) => mode === 'REQUIRED');
}

function lackingFields(wanted: TableResource, existing: readonly TableField[]): TableField[] {
  const names = new Set(existing.map(({ name }) => name?.toLowerCase()));
  return fieldsOf(wanted).filter(({ name }) => !names.has(name?.toLowerCase()));
}

export function fieldsOf(resource: TableResource): TableField[] {
  const { schema } = resource;
  return typeof schema === 'object' && !Array.isArray(schema) ? (schema.fields ?? []) : [];
}

function required(name: string, type: string): TableField {
  return { name, type, mode: 'REQUIRED' };
}

function fieldOf({ method }: TableDefinition): (column: ColumnDefinition) => TableField {
  return (column) => {
    const isRequired =
      method === 'slices'
        ? RESERVED.has(column.property)
        : method === 'ledger' && !column.isNullable;
    return {
      name: column.name,
      type: FIELD_TYPES[column.kind],
      ...(isRequired ? { mode: 'REQUIRED' } : {}),
      ...described(
        descriptionOf(column.schema),
        isGuarded({ method }) ? undefined : { property: column.property, isMade: true },
      ),
    };
  };
}

/** What is said of a field, with the note of its property behind it. */
export function described(text: string | undefined, note: ColumnNote | undefined) {
  const length = note === undefined ? 0 : (noteText(note)?.length ?? 0) + ' ()'.length;
  const cut = text?.slice(0, MAX_DESCRIPTION - length);
  const description = note === undefined ? cut : noteText(note, cut);
  return description === undefined ? {} : { description };
}

function added({ name, kind }: Pick<MetadataColumn, 'name' | 'kind'>): TableField {
  return { name, type: FIELD_TYPES[kind] };
}

/** How a table's rows lie: slices by event date and account, other streams by their keys. */
function storageOf(definition: TableDefinition, options: TableOptions): TableResource {
  if (definition.method !== 'slices') {
    const keys = definition.columns.filter(
      ({ property, kind }) => definition.keyProperties.includes(property) && CLUSTERABLE.has(kind),
    );
    return keys.length === 0 || definition.method === 'ledger' ? {} : clusteredBy(keys);
  }
  const wanted: readonly string[] = options.clusterBy ?? CLUSTER_BY;
  const behind = wanted.flatMap((name) =>
    definition.columns.filter((column) => column.name === name && CLUSTERABLE.has(column.kind)),
  );
  const account = definition.columns.filter(({ property }) => property === 'account_id');
  const { partitioning, partitionExpirationDays, requirePartitionFilter } = options;
  return {
    ...clusteredBy([...account, ...behind]),
    timePartitioning: {
      type: partitioning === 'month' ? 'MONTH' : 'DAY',
      field: 'event_date',
      ...(partitionExpirationDays === undefined
        ? {}
        : { expirationMs: String(partitionExpirationDays * DAY_MS) }),
    },
    ...(requirePartitionFilter === true ? { requirePartitionFilter } : {}),
  };
}

function clusteredBy(columns: readonly ColumnDefinition[]): TableResource {
  return { clustering: { fields: columns.slice(0, 4).map(({ name }) => name) } };
}
