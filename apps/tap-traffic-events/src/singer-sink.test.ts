import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';

import { MessageWriter, OutputClosedError } from '@traffic-events/singer';
import type { LedgerRow, PartitionState, SliceResult, StateValue } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { batchConfigSchema } from './batch-config.ts';
import { Metrics } from './metrics.ts';
import { SingerSink } from './singer-sink.ts';
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
  givenState: StateValue | null,
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
  const given: StateValue = {
    bookmarks: { other: { partitions: [{ context: { account_id: 'X' }, ...partition }] } },
  };
  const lines = await emitted(given, (sink) => sink.state(change));
  expect(JSON.parse(lines[0]!)).toEqual({ type: 'STATE', value: { ...given, run } });
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
