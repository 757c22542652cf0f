import { describe, expect, it } from 'vitest';

import type { Account } from '../account.ts';
import type { CreateExecutionRequest } from '../create-request.ts';
import { sqlRequest } from '../testing/client-fixture.ts';
import { checkRequest } from './check-request.ts';
import { createBody } from './request-body.ts';

const nested = { createBody: 'nested', pageUrlIds: 'plural' } as const;
const flat = { createBody: 'flat', pageUrlIds: 'singular' } as const;

describe('createBody', () => {
  it('sends every documented option of a query, on one line, with UTC instants', () => {
    const request: CreateExecutionRequest = {
      ...sqlRequest(),
      sqlQuery: 'SELECT SUM(clicks) -- all\nFROM dsp_clicks',
      filteredMetricsDiscriminatorColumn: 'filtered',
      distinctUserCountColumn: 'users',
      filteredReasonColumn: 'why',
      parameterValues: { campaign: '1' },
      ignoreDataGaps: true,
      timeoutSeconds: 21_600,
      dryRun: false,
      extraBody: { disableSomething: true },
    };
    const query = {
      workflowId: 'w1',
      sqlQuery: 'SELECT SUM(clicks) FROM dsp_clicks',
      filteredMetricsDiscriminatorColumn: 'filtered',
      distinctUserCountColumn: 'users',
      filteredReasonColumn: 'why',
      parameterValues: { campaign: '1' },
      ignoreDataGaps: true,
      workflowExecutionTimeoutSeconds: 21_600,
      dryRun: false,
      disableSomething: true,
    };
    expect(createBody(request, nested)).toStrictEqual({
      ...query,
      timeWindow: {
        type: 'EXPLICIT',
        timezone: 'UTC',
        start: '2026-01-20T00:00:00',
        end: '2026-01-21T00:00:00',
      },
    });
    expect(createBody(request, flat)).toStrictEqual({
      ...query,
      timeWindowType: 'EXPLICIT',
      timeWindowTimeZone: 'UTC',
      timeWindowStart: '2026-01-20T00:00:00',
      timeWindowEnd: '2026-01-21T00:00:00',
    });
  });

  it('always sends a window, for without one the API takes the most recent day', () => {
    const request = { ...sqlRequest(), window: 'MOST_RECENT_WEEK' } as const;
    expect(createBody(request, nested)['timeWindow']).toStrictEqual({
      type: 'MOST_RECENT_WEEK',
      timezone: 'UTC',
    });
  });

  it('names the ids of a page URL report in the plural, or as the sample does', () => {
    const workflowId = 'w1';
    const window = 'CURRENT_MONTH';
    const ids = { campaignIds: ['1'], lineItemIds: ['2', '3'] };
    const request = { kind: 'page_url_report', workflowId, window, ...ids } as const;
    expect(createBody(request, nested)).toMatchObject({ reportType: 'PAGE_URL_REPORT', ...ids });
    expect(createBody(request, flat)).toMatchObject({ campaignId: ['1'], lineItemId: ['2', '3'] });
    const ivt = { kind: 'ivt_report', workflowId, window, vendors: ['IAS'] } as const;
    expect(createBody(ivt, nested)).toMatchObject({ reportType: 'IVT_REPORT', vendors: ['IAS'] });
  });
});

describe('checkRequest', () => {
  const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '1' };
  const entity: Account = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' };
  const check = (request: object, account: Account = dsp) => {
    const merged: object = { ...sqlRequest(), ...request };
    checkRequest(merged as CreateExecutionRequest, account, { checkSql: true });
  };

  it('accepts what the API accepts', () => {
    expect(() => check({})).not.toThrow();
    expect(() => check({ workflowId: 'A.b-c_9', window: 'MOST_RECENT_HOUR' })).not.toThrow();
    expect(() => check({ kind: 'ivt_report', window: 'CURRENT_MONTH' }, entity)).not.toThrow();
    expect(() => check({ kind: 'page_url_report' })).not.toThrow();
  });

  it.each([
    [{ workflowId: 'a b' }, 'workflowId is "a b"; use letters, digits, ".", "_" and "-" only'],
    [
      { window: { startMs: 1_000, endMs: 1_000 } },
      'The window is 1000 to 1000 (epoch ms); give whole seconds, with start before end',
    ],
    [
      { window: { startMs: 0, endMs: 1_500 } },
      'The window is 0 to 1500 (epoch ms); give whole seconds, with start before end',
    ],
    [
      { kind: 'page_url_report', campaignIds: ['1', 2] },
      'campaignIds[1] is of type number; give ids as text, for long numbers are rounded',
    ],
    [
      { kind: 'page_url_report', lineItemIds: [3n] },
      'lineItemIds[0] is of type bigint; give ids as text, for long numbers are rounded',
    ],
    [
      { parameterValues: { half: 0.5, limit: 2 ** 53 - 1, campaign: 2 ** 53 } },
      'parameterValues.campaign is a number beyond 2^53, which JavaScript has rounded; give it as text',
    ],
    [{ sqlQuery: 'DROP TABLE x' }, /The SQL begins with "DROP"/],
    [
      { kind: 'ivt_report', window: 'PREVIOUS_MONTH' },
      'A templated report cannot have the window PREVIOUS_MONTH; use an explicit one, MOST_RECENT_WEEK or CURRENT_MONTH',
    ],
    [
      { kind: 'ivt_report', window: { startMs: 0, endMs: 3_600_000 } },
      'The window of a templated report must begin and end at midnight UTC; it is 1970-01-01T00:00:00.000Z to 1970-01-01T01:00:00.000Z',
    ],
  ])('refuses %o', (request, message) => {
    expect(() => check(request)).toThrow(message);
  });

  it('refuses page URLs of a sponsored ads entity', () => {
    expect(() => check({ kind: 'page_url_report' }, entity)).toThrow(
      'The page URL report exists for DSP advertisers only; UK:entity:ENTITY1 is a sponsored ads entity',
    );
  });
});
