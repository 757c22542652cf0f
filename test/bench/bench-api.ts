import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SimulatedClock, startSimulator } from '@traffic-events/simulator';
import type { Simulator } from '@traffic-events/simulator';
import { stringify } from 'yaml';
import { BENCH_COLUMNS, BENCH_STREAM } from './bench-slice.ts';

const ADVERTISER = '4123456789012';
const EXECUTION = '7c9e6679-7425-40de-944b-e07fc1f90ae7';
const API = 'https://advertising-api-eu.amazon.com/avc/workflowexecutions';
const STORE = 'https://results.s3.amazonaws.com/part.csv';
const NOW = '2026-01-06T06:00:00Z';
/** What is measured is the way of the result, not how long the API thinks. */
const TIME_SCALE = 600;

/** Writes answers of the API with one execution, which has ended with the result at `resultPath`. */
export async function writeCaptures(directory: string, resultPath: string): Promise<string> {
  const captures = join(directory, 'captures');
  await mkdir(captures, { recursive: true });
  const body = JSON.stringify({
    workflowExecution: { workflowExecutionId: EXECUTION, status: 'SUCCEEDED', createTime: NOW },
  });
  const urls = JSON.stringify({ downloadUrls: [`${STORE}?[redacted]`] });
  const answers = [
    {
      operation: 'list',
      method: 'POST',
      url: `${API}/list`,
      body: '{"workflowExecutions":[]}',
    },
    { operation: 'create', method: 'POST', url: API, body },
    { operation: 'get', method: 'GET', url: `${API}/${EXECUTION}`, body },
    {
      operation: 'download_urls',
      method: 'GET',
      url: `${API}/${EXECUTION}/downloadUrls`,
      body: urls,
    },
    {
      operation: 'download',
      method: 'GET',
      url: `${STORE}?[redacted]`,
      bodyBase64: await readFile(resultPath, 'base64'),
    },
  ];
  for (const { operation, method, url, ...answer } of answers) {
    const pair = {
      version: 1,
      operation,
      account: `DE:dsp:${ADVERTISER}`,
      sentAt: NOW,
      request: { method, url },
      response: { status: 200, headers: {}, ...answer },
    };
    await writeFile(join(captures, `${operation}.json`), JSON.stringify(pair));
  }
  return captures;
}

/** The API as it was captured; it lets the execution be created once. */
export async function replayCaptures(captures: string): Promise<Simulator> {
  return startSimulator({
    clock: new SimulatedClock({ originMs: Date.parse(NOW), scale: TIME_SCALE }),
    accounts: [{ kind: 'dsp', marketplace: 'DE', advertiserId: ADVERTISER }],
    replay: { directory: captures },
  });
}

/** A configuration for `traffic-events sync` of that result. */
export async function writeSyncConfig(
  directory: string,
  { credentials, url }: Simulator,
  warehouse: string,
): Promise<string> {
  const { clientId, clientSecret, refreshToken } = credentials;
  const path = join(directory, 'traffic-events.yaml');
  const config = {
    ...extraction(url),
    credentials: {
      client_id: clientId,
      client_secret: clientSecret,
      refresh_token: refreshToken,
    },
    streams: [BENCH_STREAM.stream, STREAM_CONFIG],
    warehouse,
  };
  await writeFile(path, stringify(config));
  return path;
}

/** A configuration for `tap-traffic-events` of that result. */
export async function writeTapConfig(
  directory: string,
  { credentials, url }: Simulator,
): Promise<string> {
  const { clientId, clientSecret, refreshToken } = credentials;
  const path = join(directory, 'tap.json');
  const config = {
    ...extraction(url),
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
    streams: [STREAM_CONFIG],
  };
  await writeFile(path, JSON.stringify(config));
  return path;
}

const STREAM_CONFIG = {
  name: BENCH_STREAM.stream,
  data_source: 'dsp_impressions',
  dimensions: columnsOf('dimension'),
  metrics: columnsOf('metric'),
};

function extraction(url: string) {
  return {
    start_date: '2026-01-05',
    accounts: [{ marketplace: 'DE', advertiser_id: ADVERTISER }],
    api_url: url,
    token_url: `${url}/auth/o2/token`,
  };
}

function columnsOf(role: string): string[] {
  return BENCH_COLUMNS.filter((column) => column.role === role).map(({ name }) => name);
}

/** The clock of that API, for a process that starts now. */
export function benchEnvironment({ clock }: Simulator): NodeJS.ProcessEnv {
  return {
    TRAFFIC_EVENTS_NOW: `${new Date(clock.now()).toISOString()}@${new Date().toISOString()}`,
    TRAFFIC_EVENTS_TIME_SCALE: String(TIME_SCALE),
  };
}
