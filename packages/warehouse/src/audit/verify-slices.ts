import { LEDGER_STREAM } from '@traffic-events/slice';
import type { SliceKey } from '@traffic-events/slice';
import { identifierOf } from '../tables/naming.ts';
import { shortDecimal } from '../tables/short-decimal.ts';
import { heldRowsSql, heldSql, hashesSql, streamsSql } from './verify-sql.ts';
import type { LedgerSlice, TableSlice } from './verify-sql.ts';
import type { WarehouseReader } from './warehouse-reader.ts';

/** Something that the ledger says of a slice, and that its table does not bear out. */
export interface SliceDifference extends SliceKey {
  readonly executionId: string;
  /** `rows`, or the metric whose sum it is. */
  readonly what: string;
  readonly ledger: string;
  readonly table: string;
}

/** What a warehouse was found to hold. */
export interface Verification {
  /** Slices that the ledger says are held. */
  readonly slices: number;
  readonly differences: readonly SliceDifference[];
  /** SHA-256 of raw results, by stream and execution: see `rawResultKey`. */
  readonly rawHashes: ReadonlyMap<string, string>;
}

/** Key of `Verification.rawHashes`. */
export function rawResultKey(stream: string, executionId: string): string {
  return `${stream} ${executionId}`;
}

/** Holds rows and sums of every slice against its ledger row, stream by stream. */
export async function verifySlices(reader: WarehouseReader): Promise<Verification> {
  if (!(await reader.hasTable(LEDGER_STREAM)))
    return { slices: 0, differences: [], rawHashes: new Map() };
  const tables = await reader.sliceTables();
  const streams = await reader.rows<{ stream: string }>(streamsSql(reader));
  const differences: SliceDifference[] = [];
  let slices = 0;
  for (const { stream } of streams) {
    const held = await reader.rows<LedgerSlice>(heldSql(reader, stream));
    const table = identifierOf(stream, reader.dialect.names);
    const columns = tables.get(table);
    const metrics = metricsOf(held).filter((metric) => columns?.has(metric) === true);
    const rows =
      columns === undefined
        ? []
        : await reader.rows<TableSlice>(heldRowsSql(reader, table, metrics));
    slices += held.length;
    differences.push(...differencesOf(stream, { held, rows, metrics }));
  }
  return { slices, differences, rawHashes: await rawHashesOf(reader) };
}

async function rawHashesOf(reader: WarehouseReader): Promise<Map<string, string>> {
  const rows = await reader.rows<{ stream: string; execution_id: string; raw_sha256: string }>(
    hashesSql(reader),
  );
  return new Map(
    rows.map(({ stream, execution_id, raw_sha256 }) => [
      rawResultKey(stream, execution_id),
      raw_sha256,
    ]),
  );
}

function metricsOf(held: readonly LedgerSlice[]): string[] {
  return [...new Set(held.flatMap(({ sums }) => Object.keys(sumsOf(sums))))].sort();
}

function sumsOf(json: string): Readonly<Record<string, string | null>> {
  return JSON.parse(json) as Readonly<Record<string, string | null>>;
}

interface Sides {
  readonly held: readonly LedgerSlice[];
  readonly rows: readonly TableSlice[];
  readonly metrics: readonly string[];
}

/** Of one stream; also rows that the ledger knows nothing of. */
export function differencesOf(stream: string, { held, rows, metrics }: Sides): SliceDifference[] {
  const found = new Map(rows.map((row) => [keyOf(row), row]));
  const expected = new Set(held.map(keyOf));
  const missing = held.flatMap((slice) =>
    sliceDifferences(slice, found.get(keyOf(slice)), metrics),
  );
  const unknown = rows
    .filter((row) => !expected.has(keyOf(row)))
    .map((row) => ({ ...row, what: 'rows', ledger: '0', table: row.row_count }));
  return [...missing, ...unknown].map(({ account_id, event_date, execution_id, ...rest }) => ({
    stream,
    accountId: account_id,
    eventDate: event_date,
    executionId: execution_id,
    what: rest.what,
    ledger: rest.ledger,
    table: rest.table,
  }));
}

function sliceDifferences(
  slice: LedgerSlice,
  found: TableSlice | undefined,
  metrics: readonly string[],
) {
  const { account_id, event_date, execution_id } = slice;
  const sums = sumsOf(slice.sums);
  const facts = [
    ...(slice.row_count === null
      ? []
      : [{ what: 'rows', ledger: slice.row_count, table: found?.row_count ?? '0' }]),
    ...metrics.flatMap((metric, index) => {
      const ledger = sums[metric];
      // A sum that is unknown says nothing.
      if (ledger === null || ledger === undefined) return [];
      return [{ what: metric, ledger, table: found?.[`sum_${index}`] ?? '0' }];
    }),
  ];
  return facts
    .map(({ what, ledger, table }) => ({
      what,
      ledger: shortDecimal(ledger),
      table: shortDecimal(table),
    }))
    .filter(({ ledger, table }) => ledger !== table)
    .map((fact) => ({ account_id, event_date, execution_id, ...fact }));
}

function keyOf(slice: Pick<LedgerSlice, 'account_id' | 'event_date' | 'execution_id'>): string {
  return `${slice.account_id} ${slice.event_date} ${slice.execution_id}`;
}
