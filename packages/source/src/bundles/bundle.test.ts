import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkSql, lintSql } from '@traffic-events/client';
import type { DownloadedFile } from '@traffic-events/client';
import type { BehaviourOverrides } from '@traffic-events/simulator';
import { windowOf } from '@traffic-events/slice';
import { afterAll, describe, expect, it } from 'vitest';

import { readResult, readRows } from '../results/slice-file.ts';
import { createRequest } from '../running/create-request.ts';
import { withStreams } from '../streams/account-streams.ts';
import { builtInStreams } from '../streams/default-streams.ts';
import { World } from '../testing/world.ts';
import { BUNDLE_LIMITS, composeBundles } from './compose-bundles.ts';
import type { Bundle } from './compose-bundles.ts';
import { splitAnswer } from './split-answer.ts';

const DSP = { kind: 'dsp', marketplace: 'DE', advertiserId: '1234' } as const;
const ENTITY = { kind: 'sponsored_ads', marketplace: 'UK', entityId: 'ENTITY1' } as const;
const DATE = '2026-01-05';

const streamsOf = (account: typeof DSP | typeof ENTITY) => [
  ...withStreams(account, builtInStreams()).streams.values(),
];
const sourcesOf = ({ members }: Bundle) => [
  ...new Set(members.map(({ aggregate }) => aggregate.dataSource)),
];

const directory = mkdtempSync(join(tmpdir(), 'traffic-events-bundle-'));
afterAll(() => rmSync(directory, { recursive: true }));

describe('the bundles of an account', () => {
  it('are two for DSP, as invalid traffic needs many users, and one for sponsored ads', () => {
    expect(composeBundles(streamsOf(DSP)).map(sourcesOf)).toEqual([
      [
        'devices_traffic',
        'dsp_clicks',
        'dsp_impressions',
        'dsp_views',
        'adserver_traffic',
        'invalid_adserver_traffic',
      ],
      ['dsp_invalid_clicks', 'dsp_invalid_impressions'],
    ]);
    expect(composeBundles(streamsOf(ENTITY)).map(sourcesOf)).toEqual([
      ['sponsored_ads_traffic', 'sponsored_ads_invalid_traffic'],
    ]);
  });

  it('keep to the limits, and to the dialect', () => {
    for (const { columns, sqlQuery } of composeBundles(streamsOf(DSP))) {
      expect(columns.all.length + 2).toBeLessThanOrEqual(BUNDLE_LIMITS.columns);
      expect(Buffer.byteLength(sqlQuery)).toBeLessThanOrEqual(BUNDLE_LIMITS.sqlBytes);
      expect(lintSql(sqlQuery).filter(({ severity }) => severity === 'error')).toEqual([]);
      expect(() => checkSql(sqlQuery)).not.toThrow();
    }
  });

  it('are cut between data sources, never between the grains of one', () => {
    const bundles = composeBundles(streamsOf(DSP), { ...BUNDLE_LIMITS, branches: 30 });
    expect(bundles.length).toBeGreaterThan(2);
    for (const { members } of bundles) {
      for (const { aggregate } of members) {
        const grains = members.filter((each) => each.aggregate.dataSource === aggregate.dataSource);
        expect(grains).toHaveLength(3);
      }
    }
  });

  it('give a column that is judged in two ways a place for each data source', () => {
    const [bundle] = composeBundles(streamsOf(DSP));
    expect(bundle?.columns.nameOf('dsp_clicks', 'clicks')).toBe('dsp_clicks__clicks');
    expect(bundle?.columns.nameOf('adserver_traffic', 'clicks')).toBe('adserver_traffic__clicks');
    expect(bundle?.columns.nameOf('dsp_clicks', 'campaign')).toBe('campaign');
  });
});

/** The services on which every branch is as its own query gives it, whatever its rows look like. */
const SAME: readonly BehaviourOverrides[] = [
  { unionThresholds: 'position', partFiles: 3, partColumns: 'reversed', rowOrder: 'shuffled' },
  ...(process.env['CI'] === 'true'
    ? [{ blankMetrics: true, unionThresholds: 'branch', dateFormat: 'us', quoteAll: true } as const]
    : []),
];

async function filesOf(world: World, sqlQuery: string, name: string): Promise<DownloadedFile[]> {
  const client = world.client();
  try {
    const account = client.account(sqlQuery.includes('sponsored_ads') ? ENTITY : DSP);
    const query = { kind: 'sql', sqlQuery } as const;
    const request = createRequest(query, `te.${name}`, windowOf(DATE));
    const created = await account.createExecution(request, {});
    const ended = await account.runToCompletion(created, {});
    if (ended.state !== 'succeeded') throw new Error(ended.reason ?? ended.status);
    const folder = mkdtempSync(join(directory, 'files-'));
    return [...(await account.download(ended.id, { directory: folder })).files];
  } finally {
    await client.close();
  }
}

function startWorld(behaviour: BehaviourOverrides): Promise<World> {
  return World.start({
    accounts: [DSP, ENTITY],
    now: '2026-01-10T06:00:00Z',
    startDate: DATE,
    events: { kind: 'generated', fromDate: DATE, days: 1, eventsPerDay: 200 },
    ...behaviour,
  });
}

/** What the rows say of each member: sums, and the rows themselves but for their order and flag. */
async function contentOf(bundle: Bundle, label: string, files: readonly DownloadedFile[]) {
  const member = bundle.members.find((each) => each.label === label)!;
  const { definition } = member.stream;
  const rows: string[] = [];
  for await (const batch of readRows(definition, files)) {
    rows.push(...batch.map((row) => JSON.stringify(row.slice(0, -1))));
  }
  const { summary } = await readResult(definition, files);
  return { sums: summary.sums, rows: rows.toSorted() };
}

/** The switches that show in the answers to single queries as well. */
function judgedBy({ blankMetrics, unionThresholds }: BehaviourOverrides): BehaviourOverrides {
  return {
    ...(blankMetrics !== undefined && { blankMetrics }),
    ...(unionThresholds !== undefined && { unionThresholds }),
  };
}

async function contentAlone(judged: BehaviourOverrides) {
  await using world = await startWorld(judged);
  const alone = new Map<string, Awaited<ReturnType<typeof contentOf>>>();
  for (const bundle of [...composeBundles(streamsOf(DSP)), ...composeBundles(streamsOf(ENTITY))]) {
    for (const { label, stream } of bundle.members) {
      const { query, name } = stream.definition;
      const files = await filesOf(world, query.kind === 'sql' ? query.sqlQuery : '', name);
      alone.set(name, await contentOf(bundle, label, files));
    }
  }
  return alone;
}

describe('the answer of a bundle', () => {
  const known = new Map<string, ReturnType<typeof contentAlone>>();

  it.each(SAME)('splits into what each of its streams gives alone: %j', async (behaviour) => {
    const judged = judgedBy(behaviour);
    const key = JSON.stringify(judged);
    const expected = await (known.get(key) ?? contentAlone(judged));
    known.set(key, Promise.resolve(expected));
    await using world = await startWorld(behaviour);
    for (const bundle of [
      ...composeBundles(streamsOf(DSP)),
      ...composeBundles(streamsOf(ENTITY)),
    ]) {
      const answer = await filesOf(world, bundle.sqlQuery, 'bundle');
      const folder = mkdtempSync(join(directory, 'split-'));
      const { branches, doubts } = await splitAnswer({
        members: bundle.members,
        mayHaveOthers: false,
        files: answer,
        directory: folder,
      });
      expect(doubts).toEqual([]);
      for (const { label, stream } of bundle.members) {
        const { name } = stream.definition;
        const branch = { ...branches.get(label)!, sha256: '' };
        expect([name, await contentOf(bundle, label, [branch])]).toEqual([
          name,
          expected.get(name),
        ]);
      }
    }
  });
});
