import { readFileSync } from 'node:fs';

import type { Account } from '@traffic-events/client';
import { describe, expect, it } from 'vitest';

import { withStreams } from '../streams/account-streams.ts';
import { fingerprintOf, formerFingerprints } from '../streams/fingerprint.ts';
import { isOfStream, renameDefinitions } from './renamed-definition.ts';
import { parseSavedStates, partitionOf } from './saved-states.ts';
import { partitionsOfSinger } from '../testing/singer-state.ts';
import { resolveStreams } from '../streams/resolve-streams.ts';
import { streamConfigSchema } from '../streams/stream-config.ts';

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../testing/written-before/${name}`, import.meta.url), 'utf8'));

const custom = [
  {
    name: 'by_campaign',
    data_source: 'dsp_clicks',
    dimensions: ['campaign'],
    metrics: ['clicks'],
  },
  {
    name: 'own_sql',
    account_kind: 'dsp',
    sql: 'SELECT campaign, SUM(impressions) / 3.0 AS third FROM dsp_impressions GROUP BY campaign',
    columns: { campaign: 'STRING', third: 'LONG' },
    keys: ['campaign'],
  },
].map((config) => streamConfigSchema.parse(config));

const columnTypes = {
  dsp_impressions: { total_cost: 'DECIMAL' },
  own_sql: { third: 'DECIMAL' },
  ivt_report: { campaign_id: 'STRING' },
} as const;

type Written = [stream: string, layout: string, types: string, zone: string, fingerprint: string];
const written = read('fingerprints.json') as Written[];

const streamsOf = (layout: string, types: boolean) =>
  resolveStreams({
    custom,
    metricLayout: layout === 'default' ? undefined : (layout as 'joined' | 'per_metric'),
    ...(types ? { columnTypes } : {}),
  });

describe('fingerprints that went by types', () => {
  it.each(written)('%s, %s, %s, %s is the same definition', (name, layout, types, zone, former) => {
    for (const isTyped of types === 'plain' ? [false, true] : [true]) {
      const stream = streamsOf(layout, isTyped).find((one) => one.name === name)!;
      expect(formerFingerprints(stream, zone)).toContain(former);
    }
    const plain = streamsOf(layout, false).find((one) => one.name === name)!;
    expect(formerFingerprints(plain, zone).includes(former)).toBe(types === 'plain');
  });

  it('are none of those of today, so that a program of old stops at a state of today', () => {
    const former = new Set(written.map(([, , , , fingerprint]) => fingerprint));
    for (const layout of ['default', 'joined', 'per_metric']) {
      for (const stream of streamsOf(layout, true)) {
        expect(former.has(fingerprintOf(stream, 'UTC'))).toBe(false);
      }
    }
  });
});

it('a total that was asked for with HAVING is the same definition', () => {
  const total = resolveStreams({}).find(({ name }) => name === 'dsp_clicks_total')!;
  // Of SELECT SUM(clicks) AS clicks FROM dsp_clicks HAVING COUNT(1) > 0, in UTC.
  expect(formerFingerprints(total, 'UTC')).toContain('4b393b91e64cc258');
});

describe('a state that was written under a former fingerprint', () => {
  const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
  const account = withStreams(dsp, resolveStreams({}));
  const before = partitionsOfSinger(read('state.json'));
  const { accountId } = account;
  const clicks = account.streams.get('dsp_clicks')!;
  const former = partitionOf(before, 'dsp_clicks', accountId)!;

  it('goes over without a question, and remembers what it was called', () => {
    const { state, changes } = renameDefinitions([account], before);
    const partition = partitionOf(state, 'dsp_clicks', accountId)!;
    expect(changes).toEqual([{ stream: 'dsp_clicks', accountId, state: partition }]);
    expect(partition).toEqual({
      ...former,
      fingerprint: clicks.fingerprint,
      renamed: { [former.fingerprint]: clicks.fingerprint },
    });
    expect(renameDefinitions([account], state)).toEqual({ state, changes: [] });
    expect(parseSavedStates(JSON.parse(JSON.stringify(state)))).toEqual(state);
  });

  it('is known by types that were overridden once, after they no longer are', () => {
    const types = { dsp_clicks: { campaign_id: 'STRING' } } as const;
    const typed = withStreams(dsp, resolveStreams({ columnTypes: types }));
    const [plain = '', overridden = ''] = typed.streams
      .get('dsp_clicks')!
      .formerFingerprints.toReversed();
    expect(plain).toBe(former.fingerprint);
    const { state } = renameDefinitions([typed], before);
    const partition = partitionOf(state, 'dsp_clicks', accountId);
    expect(isOfStream(overridden, clicks, undefined)).toBe(false);
    expect(isOfStream(overridden, clicks, partition)).toBe(true);
  });

  it('of another definition stays as it is', () => {
    const other = { ...former, fingerprint: '0123456789abcdef' };
    const state = [{ stream: 'dsp_clicks', accountId, state: other }];
    expect(renameDefinitions([account], state)).toEqual({ state, changes: [] });
  });
});
