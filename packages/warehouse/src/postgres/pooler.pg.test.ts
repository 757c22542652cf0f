import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import pg from 'pg';
import { leaseContract } from '../testing/contract/lease.contract.ts';
import { messagesContract } from '../testing/contract/messages.contract.ts';
import { ACCOUNT, CLICKS, RUN, partitionChange, sliceResult } from '../testing/slice-fixtures.ts';
import { PostgresConnection } from './connection/postgres-connection.ts';
import { PostgresSink } from './postgres-sink.ts';
import { hasPgBouncer, Pooler } from './testing/pooler.ts';
import { postgresUnderTest } from './testing/postgres-under-test.ts';
import { createTestDatabase } from './testing/test-database.ts';
import type { TestDatabase } from './testing/test-database.ts';

const show = (name: string) => ({ sql: `SHOW ${name}`, parameters: [] }) as never;

describe.skipIf(!hasPgBouncer())('through PgBouncer in transaction mode', () => {
  let pooler: Pooler;
  let database: TestDatabase;
  let url: string;
  const through = () => postgresUnderTest((direct) => pooler.url(direct));

  beforeAll(async () => {
    pooler = await Pooler.start(inject('embeddedPostgresUrl'));
    database = await createTestDatabase();
    url = pooler.url(database.url);
  });
  afterAll(async () => {
    await database.drop();
    await pooler.stop();
  });

  describe('leases', () => {
    leaseContract(through, { goneAfterMs: 1000 });
  });

  describe('messages', () => {
    messagesContract(through);
  });

  test('a lease is kept by its heartbeat while sessions come and go, and is free without one', async () => {
    const timings = { busyWaitMs: 0, heartbeatMs: 100, staleAfterMs: 1000 };
    const sinkOf = () => new PostgresSink({ connection: { url }, leaseTimings: timings });
    const [first, second] = [sinkOf(), sinkOf()];
    await first.open(RUN, [CLICKS], [ACCOUNT]);
    await database.query(
      `SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'`,
    );
    await sleep(1500);
    await expect(second.open(RUN, [CLICKS], [ACCOUNT])).rejects.toThrow(
      `Account ${ACCOUNT} is busy: a run through a connection pooler`,
    );
    await database.query(
      "UPDATE traffic_events._traffic_events_leases SET heartbeat_at = heartbeat_at - interval '5 minutes', epoch = epoch + 1",
    );
    await second.open(RUN, [CLICKS], [ACCOUNT]);
    await expect(
      first.slice(sliceResult({ executionId: 'e1', rows: [] }), partitionChange({})),
    ).rejects.toThrow('was taken over by another run');
    await first.close().catch(() => {});
    await second.close();
  });

  test('settings of ours reach no other client of the pooler, and hold for each transaction', async () => {
    const own = await PostgresConnection.open({ url, statementTimeoutMs: 12_345 });
    expect(own.backend).toBeUndefined();
    for (let turn = 0; turn < 5; turn += 1) {
      expect(await own.rows(show('statement_timeout'))).toEqual([{ statement_timeout: '12345ms' }]);
      expect(await own.rows(show('lock_timeout'))).toEqual([{ lock_timeout: '3s' }]);
    }
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    for (let turn = 0; turn < 5; turn += 1) {
      expect((await other.query('SHOW statement_timeout')).rows).toEqual([
        { statement_timeout: '0' },
      ]);
      expect((await other.query('SHOW lock_timeout')).rows).toEqual([{ lock_timeout: '0' }]);
      expect((await other.query('SHOW idle_in_transaction_session_timeout')).rows).toEqual([
        { idle_in_transaction_session_timeout: '0' },
      ]);
    }
    await other.end();
    await own.close();
  });
});
