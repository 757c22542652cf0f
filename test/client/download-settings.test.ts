import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { silentLogger, systemClock } from '@traffic-events/client';
import { startSimulator } from '@traffic-events/simulator';
import type { Simulator } from '@traffic-events/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { openClient } from '@traffic-events/program/extraction';

const account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1' } as const;
const window = {
  startMs: Date.parse('2026-01-05T00:00:00Z'),
  endMs: Date.parse('2026-01-06T00:00:00Z'),
};

let simulator: Simulator;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'open-client-test-'));
  simulator = await startSimulator({ accounts: [account], executionDurationMs: 1 });
});
afterAll(async () => {
  await simulator.close();
  await rm(directory, { recursive: true });
});

it.each([
  [
    { max_download_bytes: 5 },
    'where 5 are left; raise maxDownloadBytes (in a configuration: max_download_bytes)',
  ],
  [
    { download_timeout: 1 },
    'within 0.001 s; raise downloadTimeoutMs (in a configuration: download_timeout)',
  ],
])('bounds a download by its settings, which its error names: %o', async (settings, message) => {
  const { clientId, clientSecret, refreshToken } = simulator.credentials;
  const client = openClient(
    { client_id: clientId, client_secret: clientSecret, refresh_token: refreshToken },
    {
      api_url: simulator.url,
      token_url: `${simulator.url}/auth/o2/token`,
      max_active_executions: 5,
      ...settings,
    },
    { program: 'test', version: '1', clock: systemClock, logger: silentLogger },
  );
  const asked = client.account(account);
  const sql = 'SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY 1';
  const created = await asked.createExecution({
    kind: 'sql',
    sqlQuery: sql,
    window,
    workflowId: 'test',
  });
  const { id } = await asked.runToCompletion(created);
  await expect(asked.download(id, { directory })).rejects.toThrow(message);
  await client.close();
});
