import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import type { TestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/target-postgres', import.meta.url));
const MESSAGES = [
  '{"type":"SCHEMA","stream":"users","key_properties":["id"],"schema":{"properties":{"id":{"type":"integer"}}}}',
  '{"type":"RECORD","stream":"users","record":{"id":1}}',
  '{"type":"STATE","value":{"users":1}}',
].join('\n');

let database: TestDatabase;
let way: Server;
const ends: (() => void)[] = [];
/** Whether what is between target and server passes anything on. */
let isSilent = false;

beforeAll(async () => {
  database = await createTestDatabase();
  way = createServer((socket) => {
    const onward = connect(database.port, database.host);
    pass(socket, onward);
    pass(onward, socket);
  }).listen(0, '127.0.0.1');
  await once(way, 'listening');
});
afterEach(() => ends.splice(0).forEach((end) => end()));
afterAll(async () => {
  way.close();
  await database.drop();
});

function pass(from: Socket, to: Socket): void {
  ends.push(() => from.destroy());
  from.on('error', () => {});
  from.on('data', (bytes) => {
    if (!isSilent) to.write(bytes);
  });
}

function startTarget() {
  const { port } = way.address() as AddressInfo;
  const child = spawn(BIN, [], {
    env: {
      ...process.env,
      TARGET_POSTGRES_URL: database.url,
      TARGET_POSTGRES_PORT: String(port),
    },
  });
  ends.push(() => child.kill('SIGKILL'));
  return child;
}

test.each([
  ['before it has answered', false, /Stopped before database \w+ on 127\.0\.0\.1:\d+ had answered/],
  ['in the middle of a load', true, /it does not answer, and this program was told to stop/],
])('SIGTERM ends a load whose server falls silent %s, and says so', async (_, isLoading, said) => {
  isSilent = !isLoading;
  const child = startTarget();
  child.stdin.on('error', () => {});
  child.stdin.write(`${MESSAGES}\n`);
  if (isLoading) {
    await expect
      .poll(() => database.query("SELECT to_regclass('traffic_events.users') AS t"), {
        timeout: 20_000,
      })
      .toEqual([{ t: 'traffic_events.users' }]);
    isSilent = true;
  } else await once(way, 'connection');
  const stoppedMs = performance.now();
  child.kill('SIGTERM');
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  expect({ stdout, code }).toEqual({ stdout: '', code: 143 });
  expect(stderr).toMatch(said);
  expect(performance.now() - stoppedMs).toBeLessThan(10_000);
});
