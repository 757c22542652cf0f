import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';

import { MessageWriter } from '@traffic-events/singer';
import type { LedgerRow, PartitionState, SliceResult, StateValue } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { SingerSink } from './singer-sink.ts';

const partition: PartitionState = {
  fingerprint: 'f',
  since: '2026-01-01',
  bookmark: '2026-01-01',
  tail: {},
  in_flight: [],
};
const ledger = { extraction_id: 'e1', status: 'settled' } as LedgerRow;
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

async function emitted(givenState: StateValue | null, act: (sink: SingerSink) => Promise<unknown>) {
  const output = new PassThrough();
  const sink = new SingerSink({ writer: new MessageWriter({ output }), givenState });
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
