import { beforeEach, describe, expect, it } from 'vitest';

import { outcomeOf } from './run-summary.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { creates, DSP, startSmallWorld as world } from '../testing/small-world.ts';
import type { World, WorldOptions } from '../testing/world.ts';

const CREATE_TIME = ['createTime'];

let sink: MemorySink;
beforeEach(() => {
  sink = new MemorySink();
});

const tailOf = () => sink.savedState.find(({ stream }) => stream === 'dsp_impressions')?.state;

/** Lets a run die before it can tell anyone of what it has created. */
async function runThatTellsNobody(here: World): Promise<void> {
  sink.onCall = (call) => {
    if (call.startsWith('state')) throw new Error('killed');
  };
  await expect(here.run(sink)).rejects.toThrow('killed');
  sink.onCall = () => {};
}

async function expectTruth(here: World): Promise<void> {
  const range = {
    from: '2026-01-01',
    to: '2026-01-06',
    asOfMs: Date.parse('2026-06-01T00:00:00Z'),
  };
  const truth = { account: DSP, dataSource: 'dsp_impressions', ...range } as const;
  for (const { event_date: date, totals } of await here.simulator.truth(truth)) {
    const total = sink.total(`dsp_impressions ${DSP} ${date}`, 'impressions');
    expect([date, total]).toEqual([date, BigInt(totals['impressions'] ?? 0)]);
  }
}

/** Whatever a copy that counts as settled says of itself, it was created when all had arrived. */
async function expectSettledInTime(here: World): Promise<void> {
  const created = new Map((await here.executions()).map((each) => [each.id, each]));
  for (const { copy } of sink.slices.values()) {
    const { createTime = '', windowEnd = '' } = created.get(copy.executionId) ?? {};
    const age = Date.parse(createTime) - Date.parse(windowEnd);
    if (copy.settled) expect(age).toBeGreaterThanOrEqual(72 * 3_600_000);
  }
}

describe.each<[string, Partial<WorldOptions>]>([
  ['in the list', { listOmits: CREATE_TIME }],
  ['in list and create', { listOmits: CREATE_TIME, createOmits: CREATE_TIME }],
  ['anywhere', { listOmits: CREATE_TIME, createOmits: CREATE_TIME, getOmits: CREATE_TIME }],
  [
    'anywhere, and a list of everything',
    {
      listOmits: CREATE_TIME,
      createOmits: CREATE_TIME,
      getOmits: CREATE_TIME,
      listIgnoresFilter: true,
    },
  ],
])('without createTime %s', (_, omits) => {
  it('takes over nothing that was delivered', async () => {
    await using here = await world(omits);
    await here.run(sink);
    here.moveTo('2026-01-07T12:00:00Z');
    expect(await here.run(sink)).toMatchObject({ adopted: 0, created: 0, loaded: 0 });
  });

  it('settles nothing on what was read too early', async () => {
    await using here = await world(omits);
    for (const now of ['2026-01-07T20:00:00Z', '2026-01-08T18:00:00Z', '2026-01-09T16:00:00Z']) {
      await here.run(sink);
      here.moveTo(now);
    }
    await here.run(sink);
    here.moveTo('2026-01-10T00:30:00Z');
    await here.run(sink);
    expect(tailOf()?.bookmark).toBe('2026-01-06');
    await expectTruth(here);
    await expectSettledInTime(here);
  });

  it('finds what a run that died has created, and settles it on its own time only', async () => {
    await using here = await world(omits);
    await runThatTellsNobody(here);
    const summary = await here.run(sink);
    expect(summary.adopted).toBeGreaterThan(0);
    expect(tailOf()?.bookmark).toBe('2026-01-03');
    expect(Math.max(...(await creates(here)))).toBeLessThanOrEqual(2);
    here.moveTo('2026-01-10T06:00:00Z');
    await here.run(sink);
    await expectTruth(here);
    await expectSettledInTime(here);
  });
});

it('takes over nothing outside the range that a run is about', async () => {
  await using here = await world();
  await here.run(sink);
  sink = new MemorySink();
  const range = { from: '2026-01-06', to: '2026-01-06' };
  expect(await here.run(sink, { range })).toMatchObject({ adopted: 1, created: 0 });
  expect([...sink.slices.keys()]).toEqual([`dsp_impressions ${DSP} 2026-01-06`]);
});

it('asks for the workflowIds that the list leaves out', async () => {
  await using here = await world({ listOmits: ['workflowId', 'createTime'] });
  await runThatTellsNobody(here);
  expect((await here.run(sink)).adopted).toBeGreaterThan(0);
  expect(await creates(here)).toEqual([1, 1, 1, 1, 1, 1]);
  here.moveTo('2026-01-07T12:00:00Z');
  expect(await here.run(sink)).toMatchObject({ adopted: 0, created: 0 });
});

it('does not take over again what came to no good', async () => {
  await using here = await world({ startDate: '2026-01-06', windowShape: 'flat' });
  // Another window than was asked for: the execution succeeds and is of no use.
  await here.run(sink, { range: { from: '2026-01-05', to: '2026-01-05' } });
  const failed = sink.ledgerRows.filter(({ status }) => status === 'failed');
  expect(failed).toHaveLength(1);
  const summary = await here.run(sink, { range: { from: '2026-01-05', to: '2026-01-05' } });
  expect(summary.adopted).toBe(0);
});

it('nor anything older than that, in whatever run it was given up', async () => {
  await using here = await world({ startDate: '2026-01-06' });
  const range = { from: '2026-01-06', to: '2026-01-06' };
  // The result of each is refused, at first and when it is tried anew.
  sink.refuse = () => ({ kind: 'refused', reason: 'it does not fit' });
  await here.run(sink, { range });
  here.moveTo('2026-01-07T12:00:00Z');
  await here.run(sink, { range });
  here.moveTo('2026-01-08T00:30:00Z');
  sink.refuse = () => undefined;
  expect(await here.run(sink, { range })).toMatchObject({ adopted: 0, created: 1, loaded: 1 });
});

it('asks for a slice anew where an execution of days ago gives no result any more', async () => {
  const omits = ['expireTime'];
  await using here = await world({ createOmits: omits, getOmits: omits, listOmits: omits });
  sink.onCall = (call) => {
    if (call.startsWith('slice')) throw new Error('killed');
  };
  await expect(here.run(sink)).rejects.toThrow('killed');
  sink.onCall = () => {};
  here.moveTo('2026-01-10T06:00:00Z');
  const summary = await here.run(sink);
  expect(summary.adopted).toBeGreaterThan(0);
  expect(summary).toMatchObject({ failed: [], leftForLater: [] });
  expect(tailOf()?.bookmark).toBe('2026-01-06');
});

const OVERLAP =
  'too many workflows have already been run against the same input data sources in the same or overlapping time windows';

it.each<[string, Partial<WorldOptions>, readonly object[]]>([
  ['refused it', {}, [{ kind: 'execution_rejected' }]],
  ['met too many others', {}, [{ kind: 'execution_fails', reason: OVERLAP }]],
  ['showed another window', { windowShape: 'flat' }, []],
])('asks anew, whatever an execution of an earlier run says: it %s', async (_, options, faults) => {
  await using here = await world({ ...options, resultTtlSeconds: 1_000_000 });
  const rules = faults.map((fault) => ({ operation: 'create', times: 9, fault }));
  await here.control('faults', { rules });
  sink.onCall = (call) => {
    if (call.startsWith('ledger')) throw new Error('killed');
  };
  await expect(here.run(sink)).rejects.toThrow('killed');
  sink.onCall = () => {};
  await here.control('faults', { rules: [] });
  await here.control('behaviour', { windowShape: 'both' });
  here.moveTo('2026-01-10T06:00:00Z');
  const summary = await here.run(sink);
  expect(summary.adopted).toBeGreaterThan(0);
  expect(summary).toMatchObject({ failed: [], leftForLater: [] });
  expect(outcomeOf(summary)).toBe('done');
  await expectTruth(here);
});

it('does not settle on the time that a state of old has guessed', async () => {
  await using here = await world({ getOmits: CREATE_TIME, startDate: '2026-01-03' });
  sink.onCall = (call) => {
    if (call.startsWith('slice')) throw new Error('killed');
  };
  await expect(here.run(sink)).rejects.toThrow('killed');
  sink.onCall = () => {};
  sink.savedState = JSON.parse(
    JSON.stringify(sink.savedState, (key, value: unknown) =>
      key === 'dated_by' ? undefined : value,
    ),
  ) as typeof sink.savedState;
  expect(await here.run(sink)).toMatchObject({ adopted: 4 });
  const first = sink.ledgerRows.find(({ event_date: date }) => date === '2026-01-03');
  expect(first).toMatchObject({ status: 'open', create_time: '2026-01-04T00:00:00.000Z' });
  // It is asked for again at once, and settles on a time that is known.
  expect(tailOf()?.bookmark).toBe('2026-01-03');
});

it.each(['same_token', 'repeats', 'empty_pages'] as const)(
  'takes over what a list without end has had: %s',
  async (listEnd) => {
    await using here = await world({ listEnd });
    await runThatTellsNobody(here);
    const warned: string[] = [];
    const logger = {
      debug: () => {},
      info: () => {},
      warn: (_: object, event: string) => void warned.push(event),
      error: () => {},
    };
    const { adopted } = await here.run(sink, { logger });
    expect(adopted).toBeGreaterThan(0);
    expect(await creates(here)).toEqual([1, 1, 1, 1, 1, 1]);
    expect(warned).toContain('run.list_incomplete');
  },
);
