import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { readResult } from './slice-file.ts';
import { discriminator } from '../streams/aggregate-stream.ts';
import { ivtReport } from '../streams/report-streams.ts';
import { streamOf } from '../testing/stream-fixture.ts';

const stream = streamOf({
  columns: [
    { name: 'campaign', type: 'STRING', role: 'dimension' },
    { name: 'clicks', type: 'LONG', role: 'metric' },
    { name: 'cost', type: 'DECIMAL', role: 'metric' },
    discriminator,
  ],
  mainMetrics: ['clicks', 'cost'],
});

let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'slice-file-'));
});

afterAll(() => rm(directory, { recursive: true }));

async function readingOf(content: string, definition = stream) {
  const path = join(directory, 'result.csv');
  await writeFile(path, content);
  return readResult(definition, [{ path, bytes: content.length, sha256: '' }]);
}

const ROWS = `filtered,cost,clicks,campaign
false,0.1,9007199254740993,a
true,0.2,7,
false,,3,"b, c"
`;

it('sums up a canonical result and offers its lines', async () => {
  const { summary, canonical } = await readingOf(ROWS);
  expect(summary).toEqual({
    rowCount: 3,
    sums: { clicks: '9007199254741003', cost: '0.3' },
    mainSum: '9007199254741003',
    suppressedShare: 7 / Number('9007199254741003'),
  });
  expect(canonical?.order).toEqual([3, 2, 1, 0]);
  const lines: string[] = [];
  for await (const piece of canonical?.lines() ?? []) lines.push(Buffer.from(piece).toString());
  expect(lines.join('')).toBe(ROWS.slice(ROWS.indexOf('\n') + 1));
});

it('sums up to the same what it has to read cell by cell, however late that shows', async () => {
  const { summary, canonical } = await readingOf(`${ROWS}FALSE,0,0,d\n`);
  expect(canonical).toBeUndefined();
  expect(summary).toEqual({ ...(await readingOf(ROWS)).summary, rowCount: 4 });
});

it('reads rows without their flag cell by cell, as they are then not suppressed', async () => {
  const { summary, canonical } = await readingOf('filtered,cost,clicks,campaign\n,1,5,a\n');
  expect(canonical).toBeUndefined();
  expect(summary.sums).toEqual({ clicks: '5', cost: '1' });
});

it('reads reports cell by cell, whose reasons say what was withheld', async () => {
  const header = ivtReport.columns.map(({ name }) => name).join(',');
  const { summary, canonical } = await readingOf(`${header}\n`, ivtReport);
  expect([summary.rowCount, canonical]).toEqual([0, undefined]);
});

it('knows that a result without any file is empty', async () => {
  const { summary, canonical } = await readResult(stream, []);
  expect([summary.rowCount, summary.mainSum, canonical]).toEqual([0, '0', undefined]);
});
