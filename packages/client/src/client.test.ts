import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, it } from 'vitest';

import { TrafficEventsClient } from './client.ts';
import { readCsv } from './csv/read-csv.ts';

it('creates, polls, downloads and reads a result', async () => {
  const seen: string[] = [];
  let polls = 0;
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    const url = request.url ?? '';
    if (url === '/auth/o2/token') {
      response.end('{"access_token":"Atza|one","expires_in":3600}');
    } else if (url.endsWith('/downloadUrls')) {
      response.end(JSON.stringify({ downloadUrls: [`http://${request.headers.host}/file?sig=1`] }));
    } else if (url.startsWith('/file')) {
      expect(request.headers.authorization).toBeUndefined();
      response.end('campaign_id,impressions\n577777777777777777,5\n,2\n');
    } else {
      polls += 1;
      const status = polls > 2 ? 'SUCCEEDED' : 'PENDING';
      response.end(JSON.stringify({ workflowExecution: { workflowExecutionId: 'e1', status } }));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const apiUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let nowMs = Date.now();
  const client = new TrafficEventsClient({
    clientId: 'id',
    clientSecret: 'secret',
    refreshToken: 'refresh',
    apiUrl,
    tokenUrl: `${apiUrl}/auth/o2/token`,
    clock: {
      now: () => nowMs,
      sleep: async (ms) => {
        nowMs += ms;
      },
    },
  });
  const account = client.account({ kind: 'dsp', marketplace: 'DE', advertiserId: '1' });
  const created = await account.createExecution({
    kind: 'sql',
    workflowId: 'w1',
    sqlQuery:
      'SELECT campaign_id, SUM(impressions) AS impressions\nFROM dsp_impressions GROUP BY 1',
    window: { startMs: 0, endMs: 86_400_000 },
  });
  const done = await account.runToCompletion(created);
  expect(done.state).toBe('succeeded');
  const directory = await mkdtemp(path.join(tmpdir(), 'client-'));
  const files = await account.download(done.id, { directory });
  const rows = [];
  for await (const batch of readCsv(files, {
    columns: [
      { name: 'impressions', type: 'LONG' },
      { name: 'campaign_id', type: 'LONG' },
    ],
  })) {
    rows.push(...batch);
  }
  expect(rows).toStrictEqual([
    ['5', '577777777777777777'],
    ['2', null],
  ]);
  await client.close();
  server.close();
});
