import type { Account } from '@traffic-events/client';
import { beforeEach, describe, expect, it } from 'vitest';

import { outcomeOf } from './run-summary.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { creates, dsp, DSP, startSmallWorld as world } from '../testing/small-world.ts';
import type { World } from '../testing/world.ts';

const MINUTE_MS = 60_000;

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const tailOf = () => sink.savedState.find(({ stream }) => stream === 'dsp_impressions')?.state;
const failedRows = () => sink.ledgerRows.filter(({ status }) => status === 'failed');

/** Minutes that a run took. */
async function minutesOf(here: World, work: () => Promise<unknown>): Promise<number> {
  const beganMs = here.time.clock.now();
  await work();
  return (here.time.clock.now() - beganMs) / MINUTE_MS;
}

/** Everything gets no connection between two minutes of the world. */
function cutBetween(here: World, from: number, to: number): void {
  const beganMs = here.time.clock.now();
  here.network.isCut = () => {
    const minutes = (here.time.clock.now() - beganMs) / MINUTE_MS;
    return minutes >= from && minutes < to;
  };
}

const statuses = (until: string) => ({
  rules: [{ operation: 'get', times: null, until, fault: { kind: 'server_error', status: 503 } }],
});

describe('an API that cannot be reached', () => {
  it('ends a run within minutes, holds nothing against any slice, and a new run asks at once', async () => {
    await using here = await world();
    here.network.isCut = () => true;
    let outcome: string | undefined;
    const minutes = await minutesOf(here, async () => {
      const summary = await here.run(sink);
      outcome = outcomeOf(summary);
      expect(summary).toMatchObject({ created: 0, failed: [], inFlight: [] });
      expect(summary.failedAccounts).toMatchObject([{ accountId: DSP, cause: 'unreachable' }]);
      expect(summary.failedAccounts[0]?.reason).toContain('connect ECONNREFUSED');
      expect(summary.leftForLater).toEqual([
        { accountId: DSP, reason: 'network', slices: 6, nextTry: null },
      ]);
    });
    expect(outcome).toBe('service');
    expect(minutes).toBeLessThan(6);
    expect(failedRows()).toEqual([]);
    here.network.isCut = () => false;
    expect(await here.run(sink)).toMatchObject({ created: 6, loaded: 6, failed: [] });
  });

  it('lets what expires after a first run that reached nothing count as missed', async () => {
    await using here = await world({ now: '2026-01-30T06:00:00Z' });
    here.network.isCut = () => true;
    expect(outcomeOf(await here.run(sink))).toBe('dateAtRisk');
    expect(tailOf()).toMatchObject({ since: '2026-01-01', bookmark: null });
    here.network.isCut = () => false;
    here.moveTo('2026-02-04T06:00:00Z');
    const { missed, beforeStart } = await here.run(sink);
    expect(missed.map(({ eventDate }) => eventDate)).toEqual(['2026-01-01']);
    expect(beforeStart).toEqual([]);
  });

  it.each(['both', 'none'] as const)(
    'as the first creates are sent is the same (list: %s)',
    async (listOperation) => {
      await using here = await world({ listOperation });
      here.network.isCut = (path) => !path.endsWith('/list') && !path.includes('?');
      expect(outcomeOf(await here.run(sink))).toBe('service');
      expect(Object.values(tailOf()?.tail ?? {})).toEqual([]);
      here.network.isCut = () => false;
      expect(await here.run(sink)).toMatchObject({ created: 6, loaded: 6, leftForLater: [] });
    },
  );

  it('ends with 6 where dates are at risk', async () => {
    await using here = await world({ now: '2026-01-30T06:00:00Z' });
    here.network.isCut = () => true;
    const summary = await here.run(sink);
    expect(summary.failedAccounts).toHaveLength(1);
    expect(summary.atRisk.map(({ eventDate }) => eventDate)).toEqual(['2026-01-01', '2026-01-02']);
    expect(outcomeOf(summary)).toBe('dateAtRisk');
  });

  it('keeps in flight what runs, and creates nothing twice, also without a list', async () => {
    await using here = await world({ listOperation: 'none' });
    cutBetween(here, 5, 60 * 24);
    const summary = await here.run(sink);
    expect(outcomeOf(summary)).toBe('service');
    expect(summary).toMatchObject({ created: 5, loaded: 0, failed: [] });
    expect(summary.inFlight).toHaveLength(5);
    expect(failedRows()).toEqual([]);
    here.network.isCut = () => false;
    expect(await here.run(sink)).toMatchObject({ adopted: 5, created: 1, loaded: 6 });
    expect(await creates(here)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('is waited for while it is away for a short time', async () => {
    await using here = await world();
    cutBetween(here, 5, 10);
    const summary = await here.run(sink);
    expect(summary).toMatchObject({ created: 6, loaded: 6, failed: [], failedAccounts: [] });
    expect(outcomeOf(summary)).toBe('done');
    expect(failedRows()).toEqual([]);
  });

  it.each([
    ['connections', () => true],
    ['tokens', (path: string) => path.startsWith('/auth')],
  ])('is waited for no longer than a run is told to: no %s', async (_, isCut) => {
    await using here = await world({ client: { retry: { maxOutageMs: 5_000 } } });
    here.network.isCut = isCut;
    let reason: string | undefined;
    const minutes = await minutesOf(here, async () => {
      reason = (await here.run(sink)).failedAccounts[0]?.reason;
    });
    expect(minutes).toBeLessThan(0.25);
    expect(reason).toMatch(/could not be reached for \d+ seconds: /);
  });

  it('is waited for as long as a run is told to', async () => {
    await using here = await world({ client: { retry: { maxOutageMs: Infinity } } });
    cutBetween(here, 5, 60 * 9);
    const summary = await here.run(sink);
    expect(summary).toMatchObject({ created: 6, loaded: 6, failed: [] });
    expect(outcomeOf(summary)).toBe('done');
  });

  it('does not end the other accounts', async () => {
    const other: Account = { kind: 'dsp', marketplace: 'FR', advertiserId: '77' };
    await using here = await world({ accounts: [dsp, other] });
    await here.control('faults', {
      rules: ['create', 'get', 'list'].map((operation) => ({
        operation,
        account: DSP,
        times: null,
        fault: { kind: 'server_error', status: 503 },
      })),
    });
    const summary = await here.run(sink);
    expect(summary.failedAccounts).toMatchObject([{ accountId: DSP, cause: 'unreachable' }]);
    expect(summary.loaded).toBe(6);
    expect(outcomeOf(summary)).toBe('service');
  });
});

describe('status calls that are answered 503', () => {
  it.each([25, 300])('for %i minutes leave what runs in flight', async (minutes) => {
    await using here = await world({ listOperation: 'none' });
    const until = new Date(here.time.clock.now() + minutes * MINUTE_MS).toISOString();
    await here.control('faults', statuses(until));
    const first = await here.run(sink);
    expect(first).toMatchObject({ created: 5, failed: [] });
    expect(outcomeOf(first)).toBe('service');
    for (let runs = 0; here.time.clock.now() < Date.parse(until); runs += 1) {
      expect(runs).toBeLessThan(100);
      await here.run(sink);
    }
    expect(failedRows()).toEqual([]);
    expect(outcomeOf(await here.run(sink))).toBe('done');
    expect(sink.slices.size).toBe(6);
    expect(await creates(here)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('of one execution alone keep nothing else', async () => {
    await using here = await world();
    let poison: string | undefined;
    here.network.isCut = (path, method) => {
      const id = /workflowexecutions\/([0-9a-f-]{36})$/.exec(path)?.[1];
      if (method === 'GET') poison ??= id;
      return poison !== undefined && id === poison;
    };
    const summary = await here.run(sink);
    expect(summary).toMatchObject({ created: 6, loaded: 5, failed: [] });
    expect(summary.inFlight).toMatchObject([{ executionId: poison }]);
    expect(outcomeOf(summary)).toBe('service');
    here.network.isCut = () => false;
    expect(await here.run(sink)).toMatchObject({ adopted: 1, created: 0, loaded: 1 });
  });

  it('of one execution alone give it up once its slice is due again', async () => {
    await using here = await world({ resultTtlSeconds: 60 * 86_400 });
    let poison: string | undefined;
    here.network.isCut = (path, method) => {
      const id = /workflowexecutions\/([0-9a-f-]{36})$/.exec(path)?.[1];
      if (method === 'GET') poison ??= id;
      return poison !== undefined && id === poison;
    };
    await here.run(sink);
    expect((await here.run(sink)).inFlight).toMatchObject([{ executionId: poison }]);
    here.moveTo('2026-01-08T06:00:00Z');
    const summary = await here.run(sink);
    expect(summary.inFlight).toEqual([]);
    expect(outcomeOf(summary)).toBe('done');
    expect(sink.slices.size).toBe(7);
  });
});

describe('creates that get no answer', () => {
  it('while everything else does, end the account when what runs has ended', async () => {
    await using here = await world();
    here.network.isCut = (path, method) =>
      method === 'POST' && path.endsWith('/workflowexecutions') && here.time.clock.now() > cutMs;
    const cutMs = here.time.clock.now() + 10 * MINUTE_MS;
    const summary = await here.run(sink);
    expect(summary).toMatchObject({ created: 5, loaded: 5, failed: [] });
    expect(summary.leftForLater).toMatchObject([{ reason: 'network', slices: 1 }]);
    expect(outcomeOf(summary)).toBe('service');
    expect(failedRows()).toEqual([]);
  });

  it('although they take effect are not sent twice', async () => {
    await using here = await world();
    const until = new Date(here.time.clock.now() + 5 * MINUTE_MS).toISOString();
    const fault = { kind: 'answer_lost' };
    const away = { kind: 'server_error', status: 503 };
    await here.control('faults', {
      rules: [
        { operation: 'create', times: null, until, fault },
        { operation: 'list', from: 2, times: null, until, fault: away },
      ],
    });
    const first = await here.run(sink);
    expect(first.failed).toEqual([]);
    here.moveTo('2026-01-07T08:00:00Z');
    await here.run(sink);
    expect(sink.slices.size).toBe(6);
    expect(await creates(here)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(failedRows()).toEqual([]);
  });
});

describe('an account that is refused', () => {
  it('while its executions run is left as it is, and taken up where it was', async () => {
    await using here = await world();
    await here.control('faults', {
      rules: [
        {
          operation: 'get',
          times: null,
          until: '2026-01-07T12:00:00Z',
          fault: { kind: 'unauthorized' },
        },
      ],
    });
    const summary = await here.run(sink);
    expect(summary.failedAccounts).toMatchObject([{ accountId: DSP, cause: 'refused' }]);
    expect(summary.failed).toEqual([]);
    expect(outcomeOf(summary)).toBe('service');
    expect(failedRows()).toEqual([]);
    here.moveTo('2026-01-07T12:00:00Z');
    expect(await here.run(sink)).toMatchObject({ adopted: 5, created: 1, loaded: 6 });
  });
});

describe('results whose store does not answer', () => {
  it('for a while stay in flight, and nothing is created twice', async () => {
    await using here = await world({ listOperation: 'none' });
    const until = new Date(here.time.clock.now() + 120 * MINUTE_MS).toISOString();
    const fault = { kind: 'server_error', status: 503 };
    await here.control('faults', {
      rules: [{ operation: 'download', times: null, until, fault }],
    });
    const first = await here.run(sink);
    expect(outcomeOf(first)).toBe('service');
    for (let runs = 0; here.time.clock.now() < Date.parse(until); runs += 1) {
      expect(runs).toBeLessThan(100);
      here.moveTo(new Date(here.time.clock.now() + 10 * MINUTE_MS).toISOString());
      await here.run(sink);
    }
    expect(outcomeOf(await here.run(sink))).toBe('done');
    expect(sink.slices.size).toBe(6);
    expect(await creates(here)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(failedRows()).toEqual([]);
  });
});
