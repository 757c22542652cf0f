import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { SimulatedClock } from '@traffic-events/simulator';
import { expect, it } from 'vitest';

import { DSP, SimulatedApi } from './simulated-api.ts';

const api = SimulatedApi.use();

const testFolder = path.join(import.meta.dirname, '..');
const readme = path.join(testFolder, '../packages/client/README.md');
const SCALE = 1_000;

it('the example of the client’s README runs as it stands, and prints the clicks', async () => {
  const wallOriginMs = Date.now();
  const originMs = Date.UTC(2026, 0, 5, 6);
  await api.start({
    clock: new SimulatedClock({ originMs, wallOriginMs, scale: SCALE }),
    accounts: [{ ...DSP, advertiserId: '1234567890' }],
    events: { kind: 'generated', fromDate: '2026-01-01', days: 1, eventsPerDay: 3_000 },
  });
  const { url, credentials } = api.simulator;
  const [example = '', values = ''] = [
    ...(await readFile(readme, 'utf8')).matchAll(/```js\n([\s\S]*?)```/g),
  ].map(([, code = '']) => code);
  const program = [
    "import { clockFromEnvironment } from '@traffic-events/client';",
    `const { clientId, clientSecret, refreshToken } = ${JSON.stringify(credentials)};`,
    values,
    // Only to where it speaks and by which clock; the words of the example stay.
    example
      .replace(
        'refreshToken })',
        `refreshToken, apiUrl: '${url}', tokenUrl: '${url}/auth/o2/token', clock: clockFromEnvironment(process.env) })`,
      )
      .replace("'results'", JSON.stringify(path.join(api.directory, 'results'))),
  ].join('\n');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', program],
    {
      cwd: testFolder,
      env: {
        ...process.env,
        TRAFFIC_EVENTS_NOW: `${new Date(originMs).toISOString()}@${new Date(wallOriginMs).toISOString()}`,
        TRAFFIC_EVENTS_TIME_SCALE: String(SCALE),
      },
    },
  );
  expect(stdout).toMatch(/\[ '\d{18}', '\d+' \]/);
});
