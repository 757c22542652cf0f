import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startSimulator } from '../index.ts';
import type { Simulator } from '../index.ts';
import { ApiCaller, executionOf, request } from '../testing/api-caller.ts';
import { DSP } from '../testing/simulators.ts';

const API = 'https://advertising-api-eu.amazon.com/avc/workflowexecutions';
const STORE = 'https://results.s3.amazonaws.com/a/part.csv';

let directory: string;
let simulator: Simulator | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'captures-'));
});

afterEach(async () => {
  await simulator?.close();
  simulator = undefined;
  await rm(directory, { recursive: true });
});

const execution = (status: string) =>
  JSON.stringify({ workflowExecution: { workflowExecutionId: 'e-1', status } });

const pairs = [
  { operation: 'create', method: 'POST', url: API, body: execution('PENDING') },
  { operation: 'get', method: 'GET', url: `${API}/e-1`, body: execution('RUNNING') },
  { operation: 'get', method: 'GET', url: `${API}/e-1`, failure: 'socket hang up' },
  { operation: 'get', method: 'GET', url: `${API}/e-1`, body: execution('SUCCEEDED') },
  {
    operation: 'download_urls',
    method: 'GET',
    url: `${API}/e-1/downloadUrls`,
    body: JSON.stringify({ downloadUrls: [`${STORE}?[redacted]`] }),
  },
  { operation: 'download', method: 'GET', url: `${STORE}?[redacted]`, bytes: 'n\n5\n' },
];

async function startReplay(): Promise<ApiCaller> {
  for (const [index, { operation, method, url, body, bytes, failure }] of pairs.entries()) {
    const pair = {
      version: 1,
      operation,
      account: 'DE:dsp:1234@Europe/Berlin',
      sentAt: `2026-01-10T06:00:0${index}.000Z`,
      receivedAt: `2026-01-10T06:00:0${index}.500Z`,
      request: { method, url, headers: {} },
      ...(failure === undefined
        ? {
            response: {
              status: 200,
              headers: { 'x-amz-rid': `rid-${index}`, date: 'Sat, 10 Jan 2026 06:00:00 GMT' },
              ...(bytes === undefined
                ? { body }
                : { bodyBase64: Buffer.from(bytes).toString('base64') }),
            },
          }
        : { failure }),
    };
    await writeFile(join(directory, `${index}-${operation}.json`), JSON.stringify(pair));
  }
  simulator = await startSimulator({ accounts: [DSP], replay: { directory } });
  return ApiCaller.signIn(simulator, DSP);
}

test('captured answers are given again in their order, and the last one of a kind stays', async () => {
  const caller = await startReplay();
  const created = await caller.create({ workflowId: 'any', sqlQuery: 'SELECT anything' });
  expect([executionOf(created).status, created.headers.get('x-amz-rid')]).toEqual([
    'PENDING',
    'rid-0',
  ]);
  expect(executionOf(await caller.get('e-1')).status).toBe('RUNNING');
  await expect(caller.get('e-1')).rejects.toThrow('fetch failed');
  expect(executionOf(await caller.get('e-1')).status).toBe('SUCCEEDED');
  expect(executionOf(await caller.get('e-1')).status).toBe('SUCCEEDED');
  const [url] = (await caller.downloadUrls('e-1')).json.downloadUrls;
  expect((await request(url)).text).toBe('n\n5\n');
});

test('what was not captured is answered 501, and a create is not given twice', async () => {
  const caller = await startReplay();
  await caller.create({});
  const again = await caller.create({});
  expect([again.status, again.json.details]).toEqual([
    501,
    'Nothing (more) was captured for POST /avc/workflowexecutions',
  ]);
  expect((await caller.get('other')).status).toBe(501);
});

test('the clock begins with the first captured request', async () => {
  await startReplay();
  const now = simulator!.clock.now();
  expect(now - Date.parse('2026-01-10T06:00:00Z')).toBeLessThan(60_000);
});

test('a folder without captures is refused by name', async () => {
  await expect(startSimulator({ accounts: [DSP], replay: { directory } })).rejects.toThrow(
    `replay: there are no captured pairs (*.json) in ${directory}`,
  );
});
