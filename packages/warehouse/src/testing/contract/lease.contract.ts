import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { LeaseBusyError, LeaseLostError, ZoneChangedError } from '../../errors.ts';
import type { ResultSink } from '../../result-sink.ts';
import { CLICKS, partitionChange, sliceResult } from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const HOUR_MS = 3_600_000;
const HOLDER = fileURLToPath(new URL('../hold-lease.ts', import.meta.url));
const run = (number: number) => ({
  id: `run-${number}`,
  started_at: `2026-01-09T06:00:0${number}.000Z`,
});
const slice = (accountId: string, executionId: string, createTime = '2026-01-09T06:00:00.000Z') =>
  [
    sliceResult({ executionId, accountId, createTime, rows: [['a', '1', '4', 'false']] }),
    partitionChange({ accountId }),
  ] as const;
const laterClock = (ms: number): Clock => ({
  ...systemClock,
  now: () => systemClock.now() + ms,
  sleep: (duration, signal) => systemClock.sleep(duration, signal),
});

interface LeaseOptions {
  readonly leaseClock?: Clock;
  readonly busyWaitMs?: number;
  readonly heartbeatMs?: number;
  readonly staleAfterMs?: number;
}

interface LeaseContractOptions {
  /** How old the heartbeat of a holder that was killed has to be, where nothing else tells. */
  readonly goneAfterMs?: number;
}

/** What every warehouse promises of two runs on one account. */
export function leaseContract(
  make: MakeWarehouse,
  { goneAfterMs = HOUR_MS }: LeaseContractOptions = {},
): void {
  let warehouse: WarehouseUnderTest;
  const sinks: ResultSink[] = [];
  beforeAll(async () => {
    warehouse = await make();
  });
  afterEach(async () => {
    await Promise.allSettled(sinks.splice(0).map((sink) => sink.close()));
  });
  afterAll(() => warehouse.drop());

  function sinkOf({
    leaseClock = systemClock,
    busyWaitMs = 0,
    heartbeatMs = HOUR_MS,
    staleAfterMs = HOUR_MS,
  }: LeaseOptions = {}) {
    const sink = warehouse.sink({
      leaseClock,
      leaseTimings: { busyWaitMs, heartbeatMs, staleAfterMs },
    });
    sinks.push(sink);
    return sink;
  }
  const lease = (accountId: string, columns = ['epoch', 'run_id']) =>
    warehouse.rows('_traffic_events_leases', columns, `account_id = '${accountId}'`);
  const clicks = (accountId: string) =>
    warehouse.rows('dsp_clicks', ['execution_id'], `account_id = '${accountId}'`);

  test('a second run leaves as busy, and says who has the account', async () => {
    const accountId = 'DE:dsp:1';
    await sinkOf().open(run(1), [CLICKS], [accountId]);
    const failure: unknown = await sinkOf()
      .open(run(2), [CLICKS], [accountId])
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(LeaseBusyError);
    expect(String(failure)).toMatch(
      /Account DE:dsp:1 is busy: (?:a run with database session \d+|a run through a connection pooler|process \d+ on .+) is writing to it\. Let it finish, then run again\.$/,
    );
  });

  test('a run that ends gives its lease back, and the next one raises the epoch', async () => {
    const accountId = 'DE:dsp:2';
    const first = sinkOf();
    await first.open(run(1), [CLICKS], [accountId]);
    await first.slice(...slice(accountId, 'a1'));
    await first.close();
    expect(await lease(accountId, ['epoch', 'run_id', 'heartbeat_at'])).toEqual([
      ['1', 'run-1', null],
    ]);
    await sinkOf().open(run(2), [CLICKS], [accountId]);
    expect(await lease(accountId)).toEqual([['2', 'run-1']]);
  });

  test('a run waits for a holder that is just going away', async () => {
    const accountId = 'DE:dsp:3';
    const first = sinkOf();
    await first.open(run(1), [CLICKS], [accountId]);
    const second = sinkOf({ busyWaitMs: 60_000 }).open(run(2), [CLICKS], [accountId]);
    await sleep(300);
    await first.close();
    await second;
    expect(await lease(accountId)).toEqual([['2', null]]);
  });

  test('a holder that was killed is replaced at once, however fresh its heartbeat', async () => {
    const accountId = 'DE:dsp:9';
    const holder = spawn(process.execPath, [HOLDER, warehouse.url, accountId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    // A server may need a moment to see that its client is gone.
    await sinkOf({ busyWaitMs: 60_000, staleAfterMs: goneAfterMs }).open(
      run(2),
      [CLICKS],
      [accountId],
    );
    expect(await lease(accountId)).toEqual([['2', null]]);
  });

  test('a holder that stands still is replaced, and cannot commit when it wakes', async () => {
    const accountId = 'DE:dsp:4';
    const first = sinkOf();
    await first.open(run(1), [CLICKS], [accountId]);
    await first.slice(...slice(accountId, 'b1'));
    const second = sinkOf({ leaseClock: laterClock(HOUR_MS + 60_000) });
    await second.open(run(2), [CLICKS], [accountId]);
    await second.slice(...slice(accountId, 'b1'));
    await expect(first.slice(...slice(accountId, 'b2'))).rejects.toThrow(LeaseLostError);
    expect(await lease(accountId)).toEqual([['2', 'run-2']]);
  });

  test('the epoch alone keeps an overtaken run from committing', async () => {
    const accountId = 'DE:dsp:5';
    const first = sinkOf();
    await first.open(run(1), [CLICKS], [accountId]);
    await first.slice(...slice(accountId, 'c1'));
    await warehouse.change(
      `UPDATE {_traffic_events_leases} SET epoch = epoch + 1 WHERE account_id = '${accountId}'`,
    );
    const later = slice(accountId, 'c2', '2026-01-10T06:00:00Z')[0];
    const overtaken: unknown = await first
      .slice(later, partitionChange({ accountId, bookmark: '2026-01-05' }))
      .catch((error: unknown) => error);
    expect(overtaken).toBeInstanceOf(LeaseLostError);
    expect(String(overtaken)).toContain('Nothing of this transaction was committed. Run again.');
    expect(await clicks(accountId)).toEqual([['c1']]);
    await expect(first.state(partitionChange({ accountId }))).rejects.toThrow(LeaseLostError);
    const states = await warehouse.status();
    expect(states.find((state) => state.accountId === accountId)?.state.bookmark).toBeNull();
  });

  test('heartbeats go on while nothing else happens', async () => {
    const accountId = 'DE:dsp:6';
    await sinkOf({ heartbeatMs: 50 }).open(run(1), [CLICKS], [accountId]);
    const before = await lease(accountId, ['heartbeat_at']);
    await expect
      .poll(() => lease(accountId, ['heartbeat_at']), { timeout: 60_000 })
      .not.toEqual(before);
  });

  test('two runs on different accounts work side by side', async () => {
    const accounts = ['DE:dsp:7', 'UK:dsp:7'] as const;
    const opened = await Promise.all(
      accounts.map(async (accountId, index) => {
        const sink = sinkOf();
        await sink.open(run(index), [CLICKS], [accountId]);
        return sink;
      }),
    );
    for (let round = 0; round < 3; round += 1) {
      await Promise.all(
        opened.map((sink, index) => {
          const accountId = accounts[index] ?? '';
          return sink.slice(
            ...slice(accountId, `d${round}${index}`, `2026-01-1${round}T06:00:00Z`),
          );
        }),
      );
    }
    expect(await clicks(accounts[0])).toEqual([['d20']]);
    expect(await clicks(accounts[1])).toEqual([['d21']]);
  });

  test('of many that start at once, one gets all of the accounts', async () => {
    const accounts = ['DE:dsp:8', 'UK:dsp:8'];
    const openings = await Promise.allSettled(
      [1, 2, 3, 4].map((number) => sinkOf().open(run(number), [CLICKS], accounts)),
    );
    expect(openings.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const refused = openings.flatMap((opening) =>
      opening.status === 'rejected' ? [opening.reason as unknown] : [],
    );
    for (const reason of refused) expect(reason).toBeInstanceOf(LeaseBusyError);
  });

  test('leases of before go over whole, and programs of then fail before they write', async () => {
    const [idle, busy] = ['DE:dsp:11', 'DE:dsp:12'] as const;
    const first = sinkOf();
    await first.open(run(1), [CLICKS], [idle]);
    await first.slice(...slice(idle, 'e1'));
    await first.close();
    await sinkOf().open(run(1), [CLICKS], [busy]);
    await warehouse.putLeasesBack();
    await warehouse.change(warehouse.formerTaking);

    await expect(sinkOf().open(run(2), [CLICKS], [busy])).rejects.toThrow(LeaseBusyError);
    await sinkOf().open(run(2), [CLICKS], [idle]);
    expect(await lease(idle)).toEqual([['2', 'run-1']]);
    expect(await clicks(idle)).toEqual([['e1']]);
    await expect(warehouse.change(warehouse.formerTaking)).rejects.toThrow(
      /does not exist|No matching signature/,
    );
  });

  test('a new account that a run has in one time zone is refused in another, though nothing was committed', async () => {
    const accountId = 'DE:dsp:9';
    const first = sinkOf();
    await first.open(run(1), [CLICKS], [accountId]);
    const other = () => sinkOf().open(run(2), [CLICKS], [`${accountId}@Europe/Berlin`]);
    await expect(other()).rejects.toThrow(`holds it as ${accountId}`);
    await first.close();
    await other();
  });

  test('of two that begin a new account at once in two time zones, one at most goes on', async () => {
    const accountId = 'DE:dsp:10';
    const openings = await Promise.allSettled(
      [accountId, `${accountId}@Europe/Berlin`].map((id) => sinkOf().open(run(1), [CLICKS], [id])),
    );
    const refused = openings.flatMap((opening) =>
      opening.status === 'rejected' ? [opening.reason as unknown] : [],
    );
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) expect(reason).toBeInstanceOf(ZoneChangedError);
  });
}
