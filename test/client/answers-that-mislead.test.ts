import type { SimulatorOptions } from '@traffic-events/simulator';
import { describe, expect, it } from 'vitest';

import { SimulatedApi } from './simulated-api.ts';

const api = SimulatedApi.use();

type Rules = Extract<NonNullable<SimulatorOptions['faults']>, { rules: unknown }>['rules'];
type Operation = Rules[number]['operation'];

/** The only execution of the account, which succeeds, and the client that created it. */
async function startWith(rules: Rules, settings: Partial<SimulatorOptions> = {}) {
  await api.start({ faults: { rules }, ...settings });
  const account = api.account();
  return { account, created: await account.createExecution(api.request()) };
}

describe('refusals', () => {
  it('of one execution say nothing about its account', async () => {
    const { account, created } = await startWith([
      { operation: 'create', fault: { kind: 'execution_denied' } },
    ]);
    await expect(account.runToCompletion(created)).rejects.toMatchObject({
      code: 'execution_denied',
      action: 'retriable',
      unreachable: false,
    });
    expect(await account.createExecution(api.request())).toMatchObject({ state: 'active' });
  });

  it('that pass are outlasted', async () => {
    const { account, created } = await startWith([
      { operation: 'create', fault: { kind: 'execution_denied', times: 4 } },
    ]);
    expect(await account.runToCompletion(created)).toMatchObject({ state: 'succeeded' });
  });

  it.each([401, 403] as const)('of everything mean that access was lost: %i', async (status) => {
    const { account, created } = await startWith([
      {
        operation: ['get', 'list', 'download_urls'],
        times: null,
        fault: { kind: 'no_access', status },
      },
    ]);
    await expect(account.runToCompletion(created)).rejects.toMatchObject({
      code: 'access_denied',
      message: expect.stringContaining('had access to DE:dsp:1234 before'),
    });
  });

  it('with a page and Retry-After are waited out', async () => {
    const { account, created } = await startWith([
      { operation: 'get', times: 2, fault: { kind: 'rate_limited', shape: 'html' } },
      { operation: 'get', from: 3, fault: { kind: 'foreign_page', status: 403 } },
      { operation: 'get', from: 4, fault: { kind: 'foreign_page', status: 200 } },
    ]);
    expect(await account.runToCompletion(created)).toMatchObject({ state: 'succeeded' });
  });
});

describe('an outage', () => {
  it.each<Operation>(['token', 'create', 'get', 'list'])(
    'of %s is one of the service',
    async (operation) => {
      await api.start({
        faults: {
          rules: [{ operation, times: null, fault: { kind: 'server_error', status: 503 } }],
        },
      });
      const account = api.account({ retry: { maxAttempts: 2 } });
      const asked =
        operation === 'list'
          ? Array.fromAsync(account.listExecutions({ workflowId: 'w' }))
          : account.createExecution(api.request()).then(({ id }) => account.getExecution(id));
      await expect(asked).rejects.toMatchObject({ unreachable: true });
    },
  );
});

/** What a list has of five executions, and how it ends. */
const idsIn = async (settings: Partial<SimulatorOptions>) => {
  await api.start({ listPageSize: 2, executionDurationMs: 3_600_000, ...settings });
  const account = api.account();
  const created: string[] = [];
  for (let count = 0; count < 5; count += 1) {
    created.push((await account.createExecution(api.request())).id);
  }
  const listed: string[] = [];
  let error: unknown;
  try {
    const filter = { minCreationTimeMs: 0 };
    for await (const { id } of account.listExecutions(filter)) listed.push(id);
  } catch (caught) {
    error = caught;
  }
  return { missing: created.filter((id) => !listed.includes(id)).length, listed, error };
};

describe('a list', () => {
  it.each(['same_token', 'repeats', 'empty_pages'] as const)(
    'that does not end gives what it has, once, and says so: %s',
    async (listEnd) => {
      const { missing, listed, error } = await idsIn({ listEnd });
      expect([missing, listed.length]).toStrictEqual([0, 5]);
      expect(error).toMatchObject({
        code: 'response_malformed',
        message: expect.stringMatching(/^The list of executions of DE:dsp:1234 does not end: /),
      });
    },
  );

  it.each<[Partial<SimulatorOptions>, number]>([
    [{ listSkipsPages: [2] }, 2],
    [{ listHidesEvery: 2 }, 2],
    [{ listLagSeconds: 86_400 }, 5],
  ])('can lack executions, and nothing shows it: %o', async (settings, lacking) => {
    expect(await idsIn(settings)).toMatchObject({ missing: lacking, error: undefined });
  });

  it('without any field but id and status is taken as it is', async () => {
    const listOmits = ['workflowId', 'createTime', 'lastUpdatedTime', 'expireTime'];
    const windows = ['Start', 'End', 'TimeZone'].flatMap((name) => [
      `timeWindow${name}`,
      `timeWindow${name}Original`,
    ]);
    await api.start({ listOmits: [...listOmits, ...windows, 'dataGaps'] });
    const account = api.account();
    const { id } = await account.createExecution(api.request());
    const [listed] = await Array.fromAsync(account.listExecutions({ minCreationTimeMs: 0 }));
    expect(listed).toMatchObject({ id, workflowId: null, createTimeMs: null, window: null });
  });
});

describe('probe', () => {
  it.each(['code_details', 'message'] as const)(
    'knows the API by its words: %s',
    async (errorShape) => {
      await api.start({ errorShape });
      await expect(api.account().probe()).resolves.toBeUndefined();
      expect(await api.executions()).toStrictEqual([]);
    },
  );

  it('does not take another path of the same server for it', async () => {
    await api.start();
    const { url } = api.simulator;
    const account = api.account({ apiUrl: `${url}/elsewhere`, tokenUrl: `${url}/auth/o2/token` });
    await expect(account.probe()).rejects.toMatchObject({ code: 'service_unavailable' });
  });
});
