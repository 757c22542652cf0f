import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { canonicalLines, readCsv, scanCanonicalCsv } from '@traffic-events/client';
import type { CsvRow, PickedCell } from '@traffic-events/client';
import { addDays, SLICE_KEY_PROPERTIES } from '@traffic-events/slice';
import type { CanonicalCsv, ResultColumn, SliceResult } from '@traffic-events/slice';
import { PostgresSink } from '@traffic-events/warehouse/postgres';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cells, dialects, writeCsv } from '../../packages/client/src/testing/csv-dialects.ts';
import type { CsvDialect } from '../../packages/client/src/testing/csv-dialects.ts';

const JSON_TYPES = {
  STRING: { type: ['null', 'string'] },
  LONG: { type: ['null', 'integer'] },
  INTEGER: { type: ['null', 'integer'] },
  DECIMAL: { type: ['null', 'number'] },
  DOUBLE: { type: ['null', 'number'] },
  BOOLEAN: { type: ['null', 'boolean'] },
  DATE: { type: ['null', 'string'], format: 'date' },
  TIMESTAMP: { type: ['null', 'string'], format: 'date-time' },
} as const;
type Type = keyof typeof JSON_TYPES;
const TYPES = Object.keys(JSON_TYPES) as Type[];

/** A column of each type, and two texts, as these differ most. */
const COLUMNS: readonly ResultColumn[] = [
  ...TYPES.map((type) => ({ name: `a_${type.toLowerCase()}`, type, role: 'dimension' as const })),
  { name: 'b_string', type: 'STRING', role: 'dimension' },
  { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
];

const TEXT = { type: 'string' };
const STREAM = {
  stream: 'every_type',
  keyProperties: SLICE_KEY_PROPERTIES,
  schema: {
    type: 'object',
    'x-replace-by': ['account_id', 'event_date'],
    properties: {
      account_id: TEXT,
      marketplace: TEXT,
      event_date: { ...TEXT, format: 'date' },
      execution_id: TEXT,
      extracted_at: { ...TEXT, format: 'date-time' },
      row_number: { type: 'integer' },
      ...Object.fromEntries(COLUMNS.map(({ name, type }) => [name, JSON_TYPES[type]])),
    },
  },
};

const RUN = { id: 'run', started_at: '2026-06-09T06:00:00.000Z' };
/** One account for each way, so that their tables' rows lie side by side. */
const BY_READER = 'DE:dsp:1';
const BY_COPY = 'DE:dsp:2';

/** Cells short enough to be canonical at sight; the others are for the reader. */
const shortCells: typeof cells = {
  ...cells,
  STRING: fc.oneof(
    { weight: 1, arbitrary: cells.STRING },
    {
      weight: 9,
      arbitrary: fc.string({
        unit: fc.constantFrom(...Array.from(",;| \taé漢😀'NUL-+.0")),
        minLength: 1,
      }),
    },
  ),
  LONG: fc.oneof(
    fc.integer().map(String),
    fc.bigInt({ min: 10n ** 16n, max: 10n ** 18n - 1n }).map(String),
  ),
  DECIMAL: fc
    .tuple(fc.nat({ max: 10 ** 9 }), fc.nat({ max: 10 ** 6 }))
    .map(([whole, part]) => `${whole}.${part}`),
  DOUBLE: fc
    .tuple(fc.nat({ max: 10 ** 9 }), fc.nat({ max: 10 ** 6 }))
    .map(([whole, part]) => `${whole}.${part}`),
};

const rowsOf = (cellsOf: typeof cells) =>
  fc.array(
    fc.tuple(
      ...COLUMNS.map(({ type, role }) =>
        role === 'discriminator' ? cellsOf[type] : fc.option(cellsOf[type], { freq: 4 }),
      ),
    ),
    { maxLength: 8 },
  );

/** Mostly what the API delivers, else anything; the reader of results knows the comma alone. */
const usualDialect: fc.Arbitrary<CsvDialect> = fc.record({
  escape: fc.constant('doubled'),
  lineEnd: fc.constant('\n'),
  delimiter: fc.constant(','),
  quoteAll: fc.boolean(),
  nullForm: fc.constant(''),
  booleans: fc.constant('true'),
  dates: fc.constant('iso'),
  timestamps: fc.constant('zoned'),
  bom: fc.constant(false),
  lastLineEnd: fc.boolean(),
  gzip: fc.boolean(),
});
const anyDialect = dialects.map((dialect): CsvDialect => ({ ...dialect, delimiter: ',' }));

/** Something put into a file, wherever it falls. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  bytes: fc
    .constantFrom('"', '""', '\\', '\r', '\n', 'NULL', ',', ' ', '-', '0', '+', '.', '\0', '\xe9')
    .map((text) => Buffer.from(text, 'latin1')),
});

const fileArbitrary = fc
  .record({
    order: fc.shuffledSubarray([...COLUMNS.keys()], { minLength: COLUMNS.length }),
    rows: fc.oneof(
      { weight: 3, arbitrary: rowsOf(shortCells) },
      { weight: 1, arbitrary: rowsOf(cells) },
    ),
    dialect: fc.oneof({ weight: 3, arbitrary: usualDialect }, { weight: 1, arbitrary: anyDialect }),
    damage: fc.option(damage, { freq: 2 }),
  })
  .map(({ order, rows, dialect, damage: damaged }) => {
    const columns = order.map((index) => COLUMNS[index] as ResultColumn);
    const written = writeCsv(
      columns,
      rows.map((row) => order.map((index) => row[index] ?? null)),
      dialect,
    );
    if (damaged === null || dialect.gzip) return written;
    const at = Math.floor(damaged.at * written.length);
    return Buffer.concat([written.subarray(0, at), damaged.bytes, written.subarray(at)]);
  });

let database: TestDatabase;
let sink: PostgresSink;
const directory = mkdtempSync(join(tmpdir(), 'canonical-copy-'));
const file = join(directory, 'result.csv');

beforeAll(async () => {
  database = await createTestDatabase();
  sink = new PostgresSink({ connection: { url: database.url } });
  await sink.open(RUN, [STREAM], [BY_READER, BY_COPY]);
});
afterAll(async () => {
  await sink.close();
  await database.drop();
  rmSync(directory, { recursive: true });
});

async function readRows(): Promise<CsvRow[] | undefined> {
  const read: CsvRow[] = [];
  try {
    for await (const rows of readCsv([{ path: file }], { columns: COLUMNS })) read.push(...rows);
  } catch {
    return undefined;
  }
  return read;
}

async function scan(): Promise<{ rows: CsvRow[]; canonical: CanonicalCsv } | undefined> {
  const rows: CsvRow[] = [];
  const picked = [...COLUMNS.keys()];
  const visit = (row: readonly PickedCell[]) =>
    rows.push(row.map((cell) => (cell === null ? null : String(cell))));
  const found = await scanCanonicalCsv([{ path: file }], { columns: COLUMNS, picked, visit });
  if (found === undefined) return undefined;
  const { order } = found;
  return { rows, canonical: { order, lines: () => canonicalLines([{ path: file }]) } };
}

async function load(
  account: string,
  eventDate: string,
  rows: readonly CsvRow[],
  canonical?: CanonicalCsv,
): Promise<void> {
  const executionId = `${account} ${eventDate}`;
  const slice = { stream: STREAM.stream, account_id: account, event_date: eventDate };
  const facts = {
    execution_id: executionId,
    row_count: rows.length,
    complete: true,
    settled: true,
    suspect: false,
  };
  const result: SliceResult = {
    mark: { ...slice, ...facts },
    ledger: {
      extraction_id: executionId,
      ...slice,
      ...facts,
      marketplace: 'DE',
      status: 'settled',
      workflow_id: null,
      create_time: RUN.started_at,
      sums: {},
      suppressed_share: null,
      fingerprint: 'f',
      raw_sha256: null,
      reason: null,
      run_id: RUN.id,
      recorded_at: RUN.started_at,
    },
    marketplace: 'DE',
    extractedAt: RUN.started_at,
    columns: COLUMNS,
    mainSum: null,
    async *rows() {
      yield rows;
    },
    canonical,
  };
  const state = { fingerprint: 'f', since: eventDate, bookmark: null, tail: {}, in_flight: [] };
  await sink.slice(result, { stream: STREAM.stream, accountId: account, state });
}

const heldBy = (account: string, eventDate: string) =>
  database.query(
    `SELECT to_jsonb(t) - 'account_id' - 'execution_id' AS row
       FROM traffic_events.every_type AS t WHERE account_id = $1 AND event_date = $2
      ORDER BY row_number`,
    [account, eventDate],
  );

/** Files of every dialect, whole and damaged; about a third of them goes to COPY as they are. */
const RUNS = process.env['CI'] === 'true' ? 2000 : 300;

test('what goes to COPY as it is makes the same table as what our reader has read', async () => {
  let eventDate = '2026-01-01';
  let untouched = 0;
  await fc.assert(
    fc.asyncProperty(fileArbitrary, async (bytes) => {
      writeFileSync(file, bytes);
      const [read, scanned] = [await readRows(), await scan().catch(() => undefined)];
      if (scanned === undefined || scanned.rows.some((row) => row.at(-1) === null)) return;
      expect(scanned.rows).toEqual(read);
      eventDate = addDays(eventDate, 1);
      await load(BY_READER, eventDate, scanned.rows);
      await load(BY_COPY, eventDate, scanned.rows, scanned.canonical);
      expect(await heldBy(BY_COPY, eventDate)).toEqual(await heldBy(BY_READER, eventDate));
      untouched += 1;
    }),
    { numRuns: RUNS },
  );
  expect(untouched).toBeGreaterThan(RUNS / 5);
});
