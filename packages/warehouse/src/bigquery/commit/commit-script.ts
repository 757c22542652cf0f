import { LEDGER_SCHEMA, LEDGER_STREAM } from '@traffic-events/slice';
import type { LedgerRow, PartitionChange, RunMark } from '@traffic-events/slice';
import type { HeldLease } from '../../leases/lease-keeper.ts';
import { leaseCheck, ownRows } from '../leases/lease-rows.ts';
import { isHolding } from '../../slices/slice-decision.ts';
import { IS_HOLDING } from '../../slices/status-sql.ts';
import { enterDefinitionsSql } from './definitions-sql.ts';
import { copiedColumns, upsertSql } from './stage-sql.ts';
import type { DefinitionOfStream } from '../../tables/extracted-definitions.ts';
import {
  dateLiteral,
  jsonLiteral,
  literal,
  numberLiteral,
  qualified,
  timestampLiteral,
} from '../tables/sql-text.ts';
import { LEASE_TABLE, STATE_TABLE } from '../tables/table-resources.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';

/** Slices of one table that take the place of those held. */
export interface SliceChange {
  readonly table: PreparedTable;
  /** Staging table that has their rows; none when all of them are empty. */
  readonly stage: string | undefined;
  readonly rows: number;
  readonly slices: readonly {
    readonly accountId: string;
    readonly eventDate: string;
    readonly executionId: string;
  }[];
}

/** Rows of a table that is loaded by key, or added to. */
export interface TableChange {
  readonly table: PreparedTable;
  readonly stage: string;
  readonly rows: number;
}

/** All that one transaction changes. */
export interface CommitContent {
  readonly slices: readonly SliceChange[];
  readonly tables: readonly TableChange[];
  readonly ledger: readonly LedgerRow[];
  readonly changes: readonly PartitionChange[];
  /** What the streams ask for, where it has not been entered yet. */
  readonly definitions?: readonly DefinitionOfStream[];
  /** What else is done to the accounts, in statements of its own. */
  readonly statements?: readonly string[];
  /** Absent where no account is written to. */
  readonly run?: RunMark | undefined;
  /** Leases of the accounts that are written to. */
  readonly leases: readonly HeldLease[];
  /** Those that this process holds beside: their heartbeat goes along. */
  readonly otherLeases: readonly HeldLease[];
  /** API time, ISO 8601. */
  readonly savedAt: string;
  /** Wall time, ISO 8601. */
  readonly heartbeatAt: string;
}

/**
 * How many characters of ledger rows and states a script takes. A query may have a million; the
 * statements around the values need some of them.
 */
export const MAX_VALUE_CHARACTERS = 400_000;

/** In the message of a script that inserted another number of rows than were staged. */
export const ROWS_DIFFER = 'traffic-events rows differ:';

/**
 * The transaction, as one script: a statement that fails, or a check that raises, rolls all of it
 * back. The leases come last, so that their rows are changed for as short a time as can be; they are
 * changed, not read, because under snapshot isolation reading them would fence nothing off.
 */
export function commitScript(dataset: string, content: CommitContent): string {
  const statements = [
    'BEGIN TRANSACTION',
    ...content.slices.flatMap((change) => sliceStatements(dataset, change)),
    ...content.tables.flatMap((change) => tableStatements(dataset, change)),
    ...ledgerStatements(dataset, content.ledger),
    ...stateStatements(dataset, content),
    ...definitionStatements(dataset, content),
    ...(content.statements ?? []),
    ...leaseStatements(dataset, content),
    'COMMIT TRANSACTION',
  ];
  return `${statements.join(';\n')};`;
}

function sliceStatements(dataset: string, change: SliceChange): string[] {
  const { table, stage, rows, slices } = change;
  const target = qualified(dataset, table.definition.table);
  const dates = [...new Set(slices.map(({ eventDate }) => eventDate))].sort();
  const each = slices.map(
    ({ accountId, eventDate }) =>
      `(event_date = ${dateLiteral(eventDate)} AND account_id = ${literal(accountId)})`,
  );
  const remove = `DELETE FROM ${target} WHERE event_date IN (${dates.map(dateLiteral).join(', ')}) AND (${each.join(' OR ')})`;
  if (stage === undefined) return [remove];
  const { names, values } = copiedColumns(table);
  const executions = slices.map(({ executionId }) => literal(executionId)).join(', ');
  const insert = `INSERT INTO ${target} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${qualified(dataset, stage)} AS s WHERE s.execution_id IN (${executions})`;
  return [remove, insert, rowCheck(rows, `${ROWS_DIFFER} ${table.definition.table}`)];
}

function tableStatements(dataset: string, { table, stage, rows }: TableChange): string[] {
  const target = qualified(dataset, table.definition.table);
  const source = qualified(dataset, stage);
  if (table.definition.method === 'upsert') return upsertSql(table, target, source);
  const { names, values } = copiedColumns(table);
  return [
    `INSERT INTO ${target} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${source} AS s`,
    rowCheck(rows, `${ROWS_DIFFER} ${table.definition.table}`),
  ];
}

function rowCheck(expected: number, message: string): string {
  return `IF @@row_count != ${expected} THEN RAISE USING MESSAGE = ${literal(message)}; END IF`;
}

const LEDGER_COLUMNS = Object.keys(LEDGER_SCHEMA.properties) as (keyof LedgerRow)[];
const LEDGER_NAMES = LEDGER_COLUMNS.join(', ');

function ledgerLiteral(row: LedgerRow, name: keyof LedgerRow): string {
  const { type, format }: { readonly type: unknown; readonly format?: string } =
    LEDGER_SCHEMA.properties[name];
  const value = row[name];
  if (type === 'object') return jsonLiteral(value);
  if (typeof value !== 'string') return numberLiteral(value as number | boolean | null);
  if (format === undefined) return literal(value);
  return format === 'date' ? dateLiteral(value) : timestampLiteral(value);
}

/**
 * What says that rows are held is never rewritten by what says that they are not. A state that was
 * lost may say of a slice that is held that it was missed.
 */
function ledgerStatements(dataset: string, ledger: readonly LedgerRow[]): string[] {
  if (ledger.length === 0) return [];
  const target = qualified(dataset, LEDGER_STREAM);
  const rows = [...new Map(ledger.map((row) => [row.extraction_id, row])).values()];
  const weak = rows.filter(isWeak);
  const strong = rows.filter((row) => !isWeak(row));
  const kept =
    weak.length === 0
      ? ''
      : ` AND NOT (extraction_id IN (${idsOf(weak)}) AND status ${IS_HOLDING})`;
  const inserted = strong.map((row) => `(${ledgerValues(row)})`).join(', ');
  return [
    `DELETE FROM ${target} WHERE ${placesOf(rows)} AND extraction_id IN (${idsOf(rows)})${kept}`,
    ...(strong.length === 0 ? [] : [`INSERT INTO ${target} (${LEDGER_NAMES}) VALUES ${inserted}`]),
    ...weak.map((row) => {
      const isOwn = `extraction_id = ${literal(row.extraction_id)}`;
      const isKept =
        row.status === 'missed'
          ? `(${isOwn} OR (status ${IS_HOLDING} AND execution_id IS NOT NULL))`
          : isOwn;
      return `INSERT INTO ${target} (${LEDGER_NAMES}) SELECT ${ledgerValues(row)} FROM (SELECT 1) WHERE NOT EXISTS (SELECT 1 FROM ${target} WHERE ${placesOf([row])} AND ${isKept})`;
    }),
  ];
}

function definitionStatements(dataset: string, content: CommitContent): string[] {
  const { definitions = [], savedAt } = content;
  return definitions.length === 0 ? [] : enterDefinitionsSql(dataset, definitions, savedAt);
}

const listOf = (values: readonly string[]) => [...new Set(values)].sort().join(', ');

/** Where rows of the ledger lie, in constants, so that nothing else of it is read. */
function placesOf(rows: readonly LedgerRow[]): string {
  const dates = listOf(rows.map((row) => dateLiteral(row.event_date)));
  const accounts = listOf(rows.map((row) => literal(row.account_id)));
  const streams = listOf(rows.map((row) => literal(row.stream)));
  return `event_date IN (${dates}) AND account_id IN (${accounts}) AND stream IN (${streams})`;
}

function idsOf(rows: readonly LedgerRow[]): string {
  return rows.map((row) => literal(row.extraction_id)).join(', ');
}

function isWeak({ status }: LedgerRow): boolean {
  return !isHolding(status);
}

function ledgerValues(row: LedgerRow): string {
  return LEDGER_COLUMNS.map((name) => ledgerLiteral(row, name)).join(', ');
}

function stateStatements(dataset: string, { changes, run, savedAt }: CommitContent): string[] {
  if (changes.length === 0 || run === undefined) return [];
  const target = qualified(dataset, STATE_TABLE);
  const latest = [
    ...new Map(
      changes.map((change) => [JSON.stringify([change.stream, change.accountId]), change]),
    ).values(),
  ];
  const which = latest.map(
    ({ stream, accountId }) =>
      `(stream = ${literal(stream)} AND account_id = ${literal(accountId)})`,
  );
  const rows = latest.map(
    ({ stream, accountId, state }) =>
      `(${literal(stream)}, ${literal(accountId)}, ${jsonLiteral(state)}, ${literal(run.id)}, ${timestampLiteral(savedAt)})`,
  );
  return [
    `DELETE FROM ${target} WHERE ${which.join(' OR ')}`,
    `INSERT INTO ${target} (stream, account_id, state, run_id, saved_at) VALUES ${rows.join(', ')}`,
  ];
}

function leaseStatements(dataset: string, content: CommitContent): string[] {
  const { leases, otherLeases, run, heartbeatAt } = content;
  const update = `UPDATE ${qualified(dataset, LEASE_TABLE)} SET heartbeat_at = ${timestampLiteral(heartbeatAt)}`;
  const ran =
    run === undefined
      ? ''
      : `, run_id = ${literal(run.id)}, run_started_at = ${timestampLiteral(run.started_at)}`;
  return [
    ...(otherLeases.length === 0 ? [] : [`${update} WHERE ${ownRows(otherLeases)}`]),
    ...(leases.length === 0
      ? []
      : [`${update}${ran} WHERE ${ownRows(leases)}`, leaseCheck(leases.length)]),
  ];
}
