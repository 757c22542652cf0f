import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { OutputClosedError, OutputStalledError } from './errors.ts';
import { MessageWriter } from './message-writer.ts';
import { parseMessage } from './parse-message.ts';
import { RecordEncoder } from './record-encoder.ts';

test('what is written reads back, digit by digit', async () => {
  const output = new PassThrough();
  const writer = new MessageWriter({ output });
  const encoder = new RecordEncoder({
    properties: [
      { name: 'id', kind: 'number' },
      { name: 'name', kind: 'string' },
      { name: 'filtered', kind: 'boolean' },
    ],
  });
  await writer.write({
    type: 'SCHEMA',
    stream: 's',
    schema: { properties: {} },
    key_properties: [],
  });
  await writer.writeRecordBodies('s', [
    encoder.encode(['123456789012345678', 'a "quoted"\nline \u0000', 'true']),
    encoder.encode([null, '', 'false']),
  ]);
  await writer.write({ type: 'STATE', value: { at: 1 } });
  await writer.close();
  const lines = String(output.read()).trimEnd().split('\n');
  expect(lines).toHaveLength(4);
  expect(lines[1]).toContain('"id":123456789012345678,');
  expect(lines.map((line) => parseMessage(line).type)).toEqual([
    'SCHEMA',
    'RECORD',
    'RECORD',
    'STATE',
  ]);
  expect(parseMessage(lines[1]!)).toMatchObject({
    record: { name: 'a "quoted"\nline \u0000', filtered: true },
  });
  expect(parseMessage(lines[2]!)).toMatchObject({ record: { id: null, name: '' } });
});

test('a slow reader holds the writer back', async () => {
  let waiting: (() => void) | undefined;
  const output = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      waiting = done;
    },
  });
  const writer = new MessageWriter({ output });
  let resolved = false;
  const written = writer.write({ type: 'STATE', value: {} }).then(() => (resolved = true));
  await new Promise(setImmediate);
  expect(resolved).toBe(false);
  waiting!();
  await written;
  expect(resolved).toBe(true);
});

test('a reader that has gone is said so', async () => {
  const output = new Writable({
    highWaterMark: 1,
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    },
  });
  const writer = new MessageWriter({ output });
  await expect(writer.write({ type: 'STATE', value: {} })).rejects.toThrow(OutputClosedError);
  await expect(writer.write({ type: 'STATE', value: {} })).rejects.toThrow(
    'The reader of the messages has closed the pipe',
  );
});

test('a cell that is no number is named', () => {
  const encoder = new RecordEncoder({ properties: [{ name: 'clicks', kind: 'number' }] });
  expect(() => encoder.encode(['12x'])).toThrow('clicks: expected a number, got 12x');
  expect(encoder.encode(['0.50'])).toBe('{"clicks":0.50}');
});

test('a reader that stands still is waited for until a signal, and then given up', async () => {
  const output = new Writable({ highWaterMark: 1, write() {} });
  const stop = new AbortController();
  const writer = new MessageWriter({ output, signal: stop.signal });
  const waiting = writer.write({ type: 'STATE', value: {} });
  stop.abort();
  await expect(waiting).rejects.toThrow(OutputStalledError);
  await expect(writer.write({ type: 'STATE', value: {} })).rejects.toThrow(OutputStalledError);
  const late = new MessageWriter({ output, signal: stop.signal });
  await expect(late.close()).rejects.toThrow(OutputStalledError);
});
