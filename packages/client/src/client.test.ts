import { describe, expect, it } from 'vitest';

import packageJson from '../package.json' with { type: 'json' };
import { ClientFixture, SECRETS, sqlRequest } from './testing/client-fixture.ts';
import { json } from './testing/scripted-server.ts';
import { TrafficEventsClient } from './client.ts';
import type { ClientOptions } from './client-options.ts';
import { regions } from './marketplace.ts';

const fixture = ClientFixture.use();

describe('TrafficEventsClient', () => {
  it('gives the same account client for the same account, for it holds the slots', () => {
    const client = fixture.client();
    const account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
    expect(client.account({ ...account })).toBe(client.account({ ...account, timeZone: 'UTC' }));
    expect(client.account({ ...account, marketplace: 'FR' })).not.toBe(client.account(account));
  });

  it('ends what is under way when it is closed, requests and waits alike', async () => {
    fixture.server.script(() => {});
    const inRequest = fixture.client();
    const account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
    const request = inRequest.account(account).getExecution('e1');
    const inWait = fixture.client({ clock: { now: () => 0, sleep: waitForAbort } });
    const wait = inWait.account(account).runToCompletion({
      id: 'e1',
      workflowId: null,
      status: 'RUNNING',
      state: 'active',
      createTimeMs: 0,
      lastUpdatedTimeMs: null,
      expireTimeMs: null,
      reason: null,
      dataGaps: [],
      window: null,
      apiTimeMs: null,
    });
    setTimeout(() => void Promise.all([inRequest.close(), inWait.close()]), 50);
    await expect(request).rejects.toThrow('The client was closed');
    await expect(wait).rejects.toThrow('The client was closed');
    await expect(inRequest.account(account).createExecution(sqlRequest())).rejects.toThrow(
      'The client was closed',
    );
  });

  it('knows the API’s time from its answers', async () => {
    fixture.server.script(json(200, { workflowExecutionId: 'e1' }));
    const client = fixture.client();
    const account = client.account({ kind: 'dsp', marketplace: 'DE', advertiserId: '1234' });
    await account.getExecution('e1');
    expect(client.apiTimeMs()).toBe(fixture.clock.now());
  });

  it.each<[Partial<ClientOptions>, RegExp]>([
    [{ clientId: '' }, /The client's options are wrong: clientId: /],
    [{ refreshToken: undefined as never }, /refreshToken: /],
    [{ apiUrl: 'ftp://x' }, /apiUrl: /],
    [{ maxActiveExecutions: 0 }, /maxActiveExecutions: /],
    [{ entityHeader: 'X' as never }, /entityHeader: /],
  ])('refuses %o by the name of the option, without a value', (wrong, message) => {
    const make = () => new TrafficEventsClient({ ...SECRETS, ...wrong });
    expect(make).toThrow(message);
    expect(make).not.toThrow(/hush/);
  });

  it('warns once that data outside the EU may not be there', () => {
    const client = fixture.client();
    const account = { kind: 'dsp', marketplace: 'US', advertiserId: '1234' } as const;
    client.account(account);
    client.account(account);
    client.account({ ...account, marketplace: 'IN' });
    expect(fixture.log).toStrictEqual([
      {
        level: 'warn',
        fields: { account_id: 'US:dsp:1234' },
        message: 'the API may only have data of campaigns that serve in the EU',
      },
    ]);
  });

  it('says who asks, for tokens, calls and downloads', async () => {
    const url = `${fixture.server.url}/file`;
    fixture.server.script(json(200, { downloadUrls: [url] }), (response) => response.end('a\n'));
    const { directory } = fixture;
    await fixture.account().download('e1', { directory });
    await fixture
      .account({ userAgentSuffix: 'my-program/1.2 (x)' })
      .getExecution('e1')
      .catch(() => {});
    const agents = fixture.server.requests.map(({ headers }) => headers['user-agent']);
    const own = `traffic-events-client/${packageJson.version}`;
    expect(agents.slice(0, 3)).toStrictEqual([own, own, own]);
    expect(agents[3]).toBe(`${own} my-program/1.2 (x)`);
    for (const userAgentSuffix of ['', ' a', 'a\r\nx: y', 'ü', 'x'.repeat(201)]) {
      expect(() => fixture.client({ userAgentSuffix })).toThrow(
        /options are wrong: userAgentSuffix/,
      );
    }
  });

  it('has the hosts of each region', () => {
    expect(regions.EU.apiUrl).toBe('https://advertising-api-eu.amazon.com');
    expect(regions.NA.tokenUrl).toBe('https://api.amazon.com/auth/o2/token');
    expect(regions.FE.apiUrl).toBe('https://advertising-api-fe.amazon.com');
  });
});

function waitForAbort(_: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => {
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
