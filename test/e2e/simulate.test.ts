import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BIN = resolve(import.meta.dirname, '../../node_modules/.bin/traffic-events');
const SETTINGS = `
port: 0
accounts: [{ kind: dsp, marketplace: DE, advertiserId: '1234' }]
events: { kind: generated, days: 1, eventsPerDay: 1 }
`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'traffic-events-simulate-'));
  await writeFile(join(directory, 'simulator.yaml'), SETTINGS);
});
afterAll(() => rm(directory, { recursive: true }));

/** Starts the command and answers the URL that it prints; the caller ends it. */
async function simulate(args: readonly string[], environment: NodeJS.ProcessEnv) {
  const child = spawn(BIN, ['simulate', '--settings', join(directory, 'simulator.yaml'), ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const line of createInterface({ input: child.stdout })) {
    const [, url] = /^ {2}api_url +(\S+)$/.exec(line) ?? [];
    if (url !== undefined) return { url, child };
  }
  throw new Error('it ended before it said where it listens');
}

async function timeOf({ url }: { url: string }) {
  const answer = await fetch(`${url}/_simulator/clock`);
  return (await answer.json()) as { now: string; scale: number };
}

test('takes its port from the settings, and its clock from the environment or the options', async () => {
  const environment = {
    TRAFFIC_EVENTS_NOW: '2026-01-31T06:00:00Z',
    TRAFFIC_EVENTS_TIME_SCALE: '3600',
  };
  const [byEnvironment, byOptions] = await Promise.all([
    simulate([], environment),
    simulate(['--now', '2026-03-31T06:00:00Z', '--scale', '1'], environment),
  ]);
  try {
    expect(byEnvironment.url).not.toBe('http://127.0.0.1:8080');
    const environmentTime = await timeOf(byEnvironment);
    expect(environmentTime.scale).toBe(3600);
    expect(environmentTime.now).toMatch(/^2026-01-3/);
    const optionTime = await timeOf(byOptions);
    expect(optionTime).toMatchObject({ scale: 1, now: expect.stringMatching(/^2026-03-31T06/) });
  } finally {
    byEnvironment.child.kill();
    byOptions.child.kill();
  }
});
