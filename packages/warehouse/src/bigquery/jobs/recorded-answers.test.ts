import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { StatementError } from '../../errors.ts';
import { BigQueryConnection } from './bigquery-connection.ts';

/**
 * What the emulator cannot be brought to say: answers in the form in which BigQuery's documentation
 * and its clients' own tests show them. They prove how an answer is taken, not that it comes.
 */
interface Answer {
  readonly status: number;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
  /** A path of the server that answers, told in full. */
  readonly location?: string;
  /** The request arrives and has its effect, but its answer is lost. */
  readonly isLost?: boolean;
}

const servers: Server[] = [];
const requests: {
  readonly method: string;
  readonly url: string;
  readonly range: string | undefined;
  readonly body: string;
}[] = [];

afterEach(() => {
  requests.length = 0;
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function connectionTo(answers: readonly Answer[]): Promise<BigQueryConnection> {
  const left = [...answers];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const range = request.headers['content-range'];
    requests.push({ method: request.method ?? '', url: request.url ?? '', range, body });
    const next = left.shift() ?? { status: 500, body: { error: { message: 'no answer left' } } };
    if (next.isLost === true) {
      response.destroy();
      return;
    }
    response.writeHead(next.status, {
      'content-type': 'application/json',
      ...next.headers,
      ...(next.location === undefined
        ? {}
        : { location: `http://${request.headers.host}${next.location}` }),
    });
    response.end(JSON.stringify(next.body ?? {}));
  };
  const server = createServer((request, response) => void answer(request, response));
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new BigQueryConnection({
    settings: { project: 'p', dataset: 'd', apiEndpoint: `http://127.0.0.1:${port}` },
    retries: { attempts: 3, baseDelayMs: 1, maxDelayMs: 1 },
  });
}

const job = (state: string, more: object = {}, statistics: object = {}) => ({
  status: 200,
  body: {
    jobReference: { projectId: 'p', jobId: 'j' },
    status: { state, ...more },
    statistics: { query: { numDmlAffectedRows: '3', totalBytesBilled: '10485760' }, ...statistics },
  },
});
const refusal = (code: number, reason: string, message: string): Answer => ({
  status: code,
  body: { error: { code, message, errors: [{ reason, message }] } },
});
const WORK = { kind: 'commit', identity: ['epoch 7', 'slices'] } as const;
const jobIds = () =>
  requests
    .filter(({ method }) => method === 'POST')
    .map(({ body }) => /"jobId":"([^"]+)"/.exec(body)?.[1]);

test('recorded answers: a commit whose answer was lost is looked up by its id, not sent again', async () => {
  const connection = await connectionTo([
    { status: 200, isLost: true },
    job('RUNNING'),
    job('RUNNING'),
    job('DONE'),
  ]);
  expect(await connection.execute(WORK, 'BEGIN TRANSACTION; COMMIT TRANSACTION;')).toBe(3);
  expect(jobIds()).toHaveLength(1);
});

test('recorded answers: a commit that never arrived is sent again under the same id', async () => {
  const connection = await connectionTo([
    { status: 200, isLost: true },
    refusal(404, 'notFound', 'Not found: Job p:j'),
    job('PENDING'),
    job('DONE'),
  ]);
  await connection.execute(WORK, 'SELECT 1');
  const ids = jobIds();
  expect(ids).toHaveLength(2);
  expect(new Set(ids).size).toBe(1);
});

test('recorded answers: a job that exists already is waited for', async () => {
  const connection = await connectionTo([
    refusal(409, 'duplicate', 'Already Exists: Job p:j'),
    job('RUNNING'),
    job('DONE'),
  ]);
  await connection.execute(WORK, 'SELECT 1');
  expect(jobIds()).toHaveLength(1);
});

test('recorded answers: a transaction that collided is tried again under the next id', async () => {
  const message = 'Transaction is aborted due to concurrent update against table p:d.dsp_clicks.';
  const errorResult = { reason: 'invalidQuery', location: 'query', message };
  const connection = await connectionTo([
    job('PENDING'),
    job('DONE', { errorResult, errors: [errorResult] }),
    job('PENDING'),
    job('DONE'),
  ]);
  await connection.execute(WORK, 'SELECT 1');
  expect(new Set(jobIds()).size).toBe(2);
  expect(connection.costs.of('commit')).toEqual({ jobs: 2, bytesBilled: 20_971_520 });
});

test('recorded answers: rate limits and unavailability are waited out, up to a number of tries', async () => {
  const busy = refusal(
    403,
    'rateLimitExceeded',
    'Exceeded rate limits: too many table update operations',
  );
  const missing = refusal(404, 'notFound', 'Not found: Job p:j');
  const connection = await connectionTo([busy, missing, job('PENDING'), job('DONE')]);
  await connection.execute(WORK, 'SELECT 1');
  const lasting = await connectionTo([busy, missing, busy, missing, busy, missing]);
  await expect(lasting.execute(WORK, 'SELECT 1')).rejects.toMatchObject({
    action: 'retriable',
    sqlState: 'rateLimitExceeded',
  });
});

test('recorded answers: a refusal names project and dataset and says what to do', async () => {
  const connection = await connectionTo([
    refusal(
      403,
      'accessDenied',
      'Access Denied: Dataset p:d: Permission bigquery.tables.create denied',
    ),
  ]);
  await expect(connection.request(() => connection.dataset.getMetadata())).rejects.toThrow(
    /BigQuery does not let this account use p\.d: .*Grant it the roles that docs\/bigquery\.md names/,
  );
});

test('recorded answers: what is refused of one table is not said of the dataset', async () => {
  const denied =
    'User does not have permission to query table p:d.t, or perhaps it does not exist.';
  const connection = await connectionTo([
    refusal(403, 'accessDenied', `Access Denied: Table p:d.t: ${denied}`),
    refusal(404, 'notFound', 'Not found: Job p:j'),
  ]);
  const failure: unknown = await connection.execute(WORK, 'SELECT 1').catch((error) => error);
  expect(failure).toBeInstanceOf(StatementError);
  expect(failure).toMatchObject({ action: 'fatal', sqlState: 'accessDenied' });
  expect(String(failure)).toContain('on that table, or on its dataset');
});

const ROWS = '{"n":1}\n{"n":2}\n';

function loadInto(connection: BigQueryConnection): Promise<number> {
  return connection.load({
    table: 'stage',
    fields: [{ name: 'n', type: 'INTEGER' }],
    disposition: 'WRITE_TRUNCATE',
    identity: ['epoch 7'],
    open: () => Readable.from([Buffer.from(ROWS)]),
  });
}

/** Where an upload goes on: a path of the server that answers. */
const begun = { status: 200, location: '/session' } as const;
const loaded = job('DONE', {}, { load: { outputRows: '2' } });
const puts = () =>
  requests.filter(({ method }) => method === 'PUT').map(({ range, body }) => [range, body]);

test('recorded answers: a load whose connection broke goes on from what had arrived', async () => {
  const connection = await connectionTo([
    begun,
    { status: 200, isLost: true },
    { status: 308, headers: { range: 'bytes=0-7' } },
    loaded,
    loaded,
  ]);
  expect(await loadInto(connection)).toBe(2);
  expect(puts()).toEqual([
    ['bytes 0-15/16', ROWS],
    ['bytes */16', ''],
    ['bytes 8-15/16', '{"n":2}\n'],
  ]);
  const [insert] = requests;
  expect(JSON.parse(insert?.body ?? '')).toMatchObject({
    configuration: {
      load: {
        sourceFormat: 'NEWLINE_DELIMITED_JSON',
        destinationTable: { projectId: 'p', datasetId: 'd', tableId: 'stage' },
        writeDisposition: 'WRITE_TRUNCATE',
      },
      labels: { 'traffic-events': 'load' },
    },
    jobReference: { projectId: 'p', jobId: expect.stringMatching(/^traffic-events_load_/) },
  });
});

test('recorded answers: an upload that is gone begins anew, from its first byte and under the same id', async () => {
  const connection = await connectionTo([
    begun,
    { status: 410 },
    refusal(404, 'notFound', 'Not found: Job p:j'),
    begun,
    loaded,
    loaded,
  ]);
  expect(await loadInto(connection)).toBe(2);
  expect(puts()).toEqual([
    ['bytes 0-15/16', ROWS],
    ['bytes 0-15/16', ROWS],
  ]);
  expect(new Set(jobIds()).size).toBe(1);
});

test('recorded answers: a load that exists already is waited for', async () => {
  const duplicate = refusal(409, 'duplicate', 'Already Exists: Job p:j');
  const connection = await connectionTo([duplicate, loaded]);
  expect(await loadInto(connection)).toBe(2);
  expect(puts()).toEqual([]);
});
