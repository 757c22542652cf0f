import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { MessageWriter, OutputClosedError } from '@traffic-events/singer';
import type {
  LedgerRow,
  PartitionChange,
  PartitionState,
  SliceResult,
} from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { batchConfigSchema } from './batch-config.ts';
import { Metrics } from './metrics.ts';
import { SingerSink } from './singer-sink.ts';
import { StateAllowance } from './state-allowance.ts';
import type { SingerSinkOptions } from './singer-sink.ts';

const partition: PartitionState = {
  fingerprint: 'f',
  since: '2026-01-01',
  bookmark: '2026-01-01',
  tail: {},
  in_flight: [],
};
const ledger = {
  extraction_id: 'e1',
  account_id: 'DE:dsp:1',
  status: 'settled',
} as LedgerRow;
const mark = {
  stream: 'dsp_clicks',
  account_id: 'DE:dsp:1',
  event_date: '2026-01-01',
  execution_id: 'e1',
  row_count: 2,
  complete: true,
  settled: true,
  suspect: false,
};
const result: SliceResult = {
  mark,
  ledger,
  marketplace: 'DE',
  extractedAt: '2026-01-05T06:00:00.000Z',
  columns: [
    { name: 'campaign_id', type: 'LONG', role: 'dimension' },
    { name: 'Event_Date', type: 'DATE', role: 'dimension' },
    { name: 'clicks', type: 'LONG', role: 'metric' },
    { name: 'filtered', type: 'BOOLEAN', role: 'discriminator' },
  ],
  mainSum: '8',
  async *rows() {
    yield [['584930219384756193', '2026-01-01', '5', 'false']];
    yield [[null, null, '3', 'true']];
  },
};
const change = { stream: 'dsp_clicks', accountId: 'DE:dsp:1', state: partition };

async function emitted(
  givenState: readonly PartitionChange[] | null,
  act: (sink: SingerSink) => Promise<unknown>,
  options: Partial<SingerSinkOptions> = {},
) {
  const output = new PassThrough();
  const metrics = new Metrics({ output: new PassThrough() });
  const writer = new MessageWriter({ output });
  const sink = new SingerSink({ writer, metrics, givenState, ...options });
  const lines = text(output);
  await sink.open({ id: 'r', started_at: '2026-01-05T05:00:00.000Z' }, [
    {
      stream: 'dsp_clicks',
      schema: { type: 'object' },
      keyProperties: ['execution_id', 'row_number'],
    },
  ]);
  await act(sink);
  await sink.close();
  output.end();
  return (await lines).trimEnd().split('\n');
}

const run = { id: 'r', started_at: '2026-01-05T05:00:00.000Z' };

it('emits a slice in one piece: records with every digit, the ledger row, the state', async () => {
  const lines = await emitted(null, (sink) => sink.slice(result, change));
  expect(lines[0]).toContain('"SCHEMA"');
  expect(lines[1]).toBe(
    '{"type":"RECORD","stream":"dsp_clicks","record":{"account_id":"DE:dsp:1","marketplace":"DE",' +
      '"event_date":"2026-01-01","filtered":false,"campaign_id":584930219384756193,' +
      '"source_Event_Date":"2026-01-01","clicks":5,"execution_id":"e1","row_number":1,' +
      '"extracted_at":"2026-01-05T06:00:00.000Z"}}',
  );
  expect(JSON.parse(lines[2]!).record).toMatchObject({
    filtered: true,
    campaign_id: null,
    row_number: 2,
  });
  expect(JSON.parse(lines[3]!)).toEqual({ type: 'RECORD', stream: 'extractions', record: ledger });
  expect(JSON.parse(lines[4]!)).toEqual({
    type: 'STATE',
    value: {
      bookmarks: {
        dsp_clicks: { partitions: [{ context: { account_id: 'DE:dsp:1' }, ...partition }] },
      },
      slice: mark,
      run,
    },
  });
  expect(lines).toHaveLength(5);
});

it('begins with the state that it was given, other streams included', async () => {
  const given = { stream: 'other', accountId: 'X', state: partition };
  const lines = await emitted([given], (sink) => sink.state(change));
  expect(JSON.parse(lines[0]!)).toEqual({
    type: 'STATE',
    value: {
      bookmarks: { other: { partitions: [{ context: { account_id: 'X' }, ...partition }] } },
      run,
    },
  });
  expect(Object.keys(JSON.parse(lines[2]!).value.bookmarks)).toEqual(['other', 'dsp_clicks']);
});

it('emits ledger rows before the state that covers them', async () => {
  const lines = await emitted(null, (sink) => sink.ledger([ledger, ledger], [change]));
  expect(lines.slice(1).map((line) => JSON.parse(line).type)).toEqual([
    'RECORD',
    'RECORD',
    'STATE',
  ]);
});

it('emits files instead of records where it is told to', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batch-test-'));
  try {
    const batchConfig = batchConfigSchema.parse({
      storage: { root: pathToFileURL(folder).href, prefix: 'b-' },
      batch_size: 1,
    });
    const lines = await emitted(null, (sink) => sink.slice(result, change), { batchConfig });
    const batch = JSON.parse(lines[1]!);
    expect(batch).toMatchObject({
      type: 'BATCH',
      stream: 'dsp_clicks',
      encoding: { format: 'jsonl', compression: 'gzip' },
    });
    expect(batch.manifest).toHaveLength(2);
    const first = gunzipSync(await readFile(fileURLToPath(batch.manifest[0]))).toString();
    expect(first).toMatch(/^\{"account_id":"DE:dsp:1",.*"campaign_id":584930219384756193,.*\}\n$/);
    expect(JSON.parse(lines[2]!).stream).toBe('extractions');
    expect(JSON.parse(lines[3]!).value.slice).toEqual(mark);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it.each(['../', 'a/../../', '..', '/../x', 'a\u0000'])(
  'writes no files beside the root: prefix %j',
  (prefix) => {
    const storage = { root: 'file:///var/batches', prefix: `${prefix}/` };
    const parsed = batchConfigSchema.safeParse({ storage });
    expect(parsed.error?.issues).toMatchObject([{ path: ['storage', 'prefix'] }]);
  },
);

it.each(['file://elsewhere/var', 'file:///a%2Fb'])(
  'takes no root that is no folder here: %s',
  (root) => {
    const parsed = batchConfigSchema.safeParse({ storage: { root } });
    expect(parsed.error?.issues).toMatchObject([{ path: ['storage', 'root'] }]);
  },
);

it('refuses a slice whose files have no place, says nothing of it, and goes on', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batch-test-'));
  const root = join(folder, 'root');
  try {
    await writeFile(root, '');
    const storage = { root: pathToFileURL(root).href };
    const batchConfig = batchConfigSchema.parse({ storage });
    const work = async (sink: SingerSink) => {
      const reason = `${root}, which holds the files of BATCH messages, is no folder (EEXIST). Make room there, or name another folder as storage.root of batch_config.`;
      expect(await sink.slice(result, change)).toEqual({ kind: 'refused', reason });
      await rm(root);
      expect(await sink.slice(result, change)).toEqual({ kind: 'handed_on' });
    };
    const lines = await emitted(null, work, { batchConfig });
    expect(lines.filter((line) => line.includes('"BATCH"'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('"RECORD"'))).toHaveLength(1);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('writes files into a folder below the root where the prefix names one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'batch-test-'));
  try {
    const storage = { root: pathToFileURL(folder).href, prefix: 'today/b-' };
    const batchConfig = batchConfigSchema.parse({ storage });
    await emitted(null, (sink) => sink.slice(result, change), { batchConfig });
    expect(await readdir(join(folder, 'today'))).toEqual([expect.stringMatching(/^b-dsp_clicks-/)]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

it('finds out before a create that nobody reads any more', async () => {
  const output = new PassThrough();
  const metrics = new Metrics({ output: new PassThrough() });
  const sink = new SingerSink({ writer: new MessageWriter({ output }), metrics, givenState: null });
  await sink.open(run, [{ stream: 's', schema: { type: 'object' }, keyProperties: [] }]);
  await sink.ready();
  output.destroy(new Error('EPIPE'));
  await new Promise((resolve) => setTimeout(resolve, 1100));
  await expect(sink.ready()).rejects.toThrow(OutputClosedError);
});

it('counts records as METRIC lines', async () => {
  const output = new PassThrough();
  const metrics = new Metrics({ output });
  await emitted(null, (sink) => sink.slice(result, change), { metrics });
  metrics.print('succeeded');
  output.end();
  const lines = (await text(output)).trimEnd().split('\n');
  expect(lines[0]).toBe(
    'INFO METRIC: {"type":"counter","metric":"record_count","value":2,"tags":{"stream":"dsp_clicks","context":{"account_id":"DE:dsp:1"}}}',
  );
  expect(lines.at(-1)).toMatch(/"metric":"sync_duration".*"status":"succeeded"/);
});

const copy = (date: string) => ({
  status: 'open' as const,
  execution_id: crypto.randomUUID(),
  create_time: `${date}T06:00:00.000Z`,
  row_count: 123,
  main_sum: '123456',
  complete: true,
  settled: false,
  suspect: false,
  last_create_time: `${date}T06:00:00.000Z`,
  attempts: 0,
  next_try: null,
});

/** Nothing may be written but what must be. */
function spent(): StateAllowance {
  const allowance = new StateAllowance(() => 0);
  allowance.spend(1e9);
  return allowance;
}

const resultOf = (eventDate: string, executionId: string, accountId = 'DE:dsp:1'): SliceResult => ({
  ...result,
  mark: { ...mark, event_date: eventDate, execution_id: executionId, account_id: accountId },
  ledger: { ...ledger, extraction_id: executionId, account_id: accountId },
});
const inFlight = (number: number) => ({
  ...partition,
  in_flight: Array.from({ length: number }, (_, index) => ({
    event_date: '2026-01-02',
    workflow_id: `w${index}`,
    execution_id: `f${index}`,
    create_time: '2026-01-05T05:00:00.000Z',
    expire_time: null,
  })),
});
const typesOf = (lines: readonly string[]) => lines.map((line) => JSON.parse(line).type as string);
const statesOf = (lines: readonly string[]) =>
  lines.map((line) => JSON.parse(line)).filter(({ type }) => type === 'STATE');

it('closes several slices by one STATE where states are large, each after its rows', async () => {
  const lines = await emitted(
    null,
    async (sink) => {
      for (const [date, id] of [
        ['2026-01-01', 'e1'],
        ['2026-01-02', 'e2'],
        ['2026-01-03', 'e3'],
      ] as const) {
        await sink.slice(resultOf(date, id), change);
      }
    },
    { allowance: spent() },
  );
  const slice = ['RECORD', 'RECORD', 'RECORD'];
  expect(typesOf(lines)).toEqual(['SCHEMA', ...slice, ...slice, ...slice, 'STATE']);
  const [{ value }] = statesOf(lines);
  // A target that knows `slice` alone fails on it: no ledger row is of this execution.
  expect(value.slice).toEqual({ ...value.slices[0], execution_id: 'see slices' });
  expect(value.slices.map(({ execution_id: id }: { execution_id: string }) => id)).toEqual([
    'e1',
    'e2',
    'e3',
  ]);
});

it('tells of executions before an account has more untold than slots', async () => {
  const lines = await emitted(
    null,
    async (sink) => {
      for (let created = 1; created <= 7; created += 1) {
        await sink.state({ ...change, state: inFlight(created) });
        await sink.state({ ...change, accountId: `other ${created}`, state: inFlight(1) });
      }
    },
    { allowance: spent() },
  );
  const told = statesOf(lines).map(({ value }) =>
    value.bookmarks.dsp_clicks.partitions.map(
      ({ in_flight: flying }: { in_flight: unknown[] }) => flying.length,
    ),
  );
  expect(told).toEqual([
    [6, 1, 1, 1, 1, 1],
    [7, 1, 1, 1, 1, 1, 1, 1],
  ]);
});

it('covers what was said of a slice or an execution before more is said of it', async () => {
  const lines = await emitted(
    null,
    async (sink) => {
      await sink.slice(resultOf('2026-01-01', 'e1'), change);
      await sink.slice(resultOf('2026-01-01', 'e2'), change);
      await sink.ledger([{ ...ledger, extraction_id: 'e3', status: 'failed' }], [change]);
      await sink.slice(resultOf('2026-01-02', 'e3'), change);
    },
    { allowance: spent() },
  );
  expect(statesOf(lines).map(({ value }) => value.slice?.execution_id)).toEqual(['e1', 'e2', 'e3']);
});

it('tells what has changed also when nothing follows', async () => {
  const allowance = new StateAllowance();
  allowance.spend(32_000_000);
  const output = new PassThrough();
  const metrics = new Metrics({ output: new PassThrough() });
  const writer = new MessageWriter({ output });
  const sink = new SingerSink({ writer, metrics, givenState: null, allowance });
  let written = '';
  output.on('data', (bytes: Buffer) => (written += bytes.toString()));
  await sink.open(run, []);
  await sink.state({ ...change, state: inFlight(1) });
  expect(written).toBe('');
  await expect.poll(() => written, { timeout: 5000 }).toContain('"f0"');
});

it(
  'writes 500 MB at most in a day of 200 accounts and 5 streams',
  { timeout: 300_000 },
  async () => {
    const streams = ['a', 'b', 'c', 'd', 'e'];
    const accounts = Array.from(
      { length: 200 },
      (_, index) => `DE:dsp:5849302193847${1000 + index}`,
    );
    const dates = ['2026-01-06', '2026-01-07', '2026-01-08', '2026-01-09'];
    const steady = {
      ...partition,
      fingerprint: '672c919908de7a57',
      renamed: { '0123456789abcdef': '672c919908de7a57' },
      bookmark: '2026-01-05',
      tail: Object.fromEntries(dates.slice(0, 3).map((date) => [date, copy('2026-01-09')])),
    };
    const givenState = streams.flatMap((stream) =>
      accounts.map((accountId) => ({ stream, accountId, state: steady })),
    );
    let bytes = 0;
    const output = new Writable({
      write: (chunk: Buffer, _, done) => {
        bytes += chunk.length;
        done();
      },
    });
    const metrics = new Metrics({ output: new PassThrough() });
    const sink = new SingerSink({ writer: new MessageWriter({ output }), metrics, givenState });
    await sink.open(run, []);
    for (const accountId of accounts) {
      for (const stream of streams) {
        for (const eventDate of dates) {
          const id = crypto.randomUUID();
          const flying = { ...inFlight(1).in_flight[0]!, execution_id: id };
          await sink.ready();
          await sink.state({ stream, accountId, state: { ...steady, in_flight: [flying] } });
          const delivered = resultOf(eventDate, id, accountId);
          const named = { ...delivered, mark: { ...delivered.mark, stream } };
          const tail = { ...steady.tail, [eventDate]: copy('2026-01-10') };
          await sink.slice(named, { stream, accountId, state: { ...steady, tail } });
        }
      }
    }
    await sink.close();
    expect(bytes).toBeLessThan(500_000_000);
    expect(bytes).toBeGreaterThan(10_000_000);
  },
);
