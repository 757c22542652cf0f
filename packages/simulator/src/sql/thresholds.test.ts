import type { Threshold } from '@traffic-events/client';
import { DuckDBInstance } from '@duckdb/node-api';
import type { DuckDBConnection } from '@duckdb/node-api';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { carryUsers } from './carry-users.ts';
import { parseQuery, printQuery } from './duckdb-parser.ts';
import { suppressionSql } from './suppress.ts';
import { REQUIRED_USERS } from './threshold.ts';
import { USERS_MACROS } from './users.ts';

let instance: DuckDBInstance;
let connection: DuckDBConnection;

beforeAll(async () => {
  instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  connection = await instance.connect();
  for (const macro of USERS_MACROS) await connection.run(macro);
});

afterAll(() => {
  connection.closeSync();
  instance.closeSync();
});

interface Event {
  readonly campaign: string;
  readonly hour: string;
  readonly impressions: number;
  readonly clicks: number;
  readonly user: number;
}

interface Thresholds {
  readonly campaign: Threshold;
  readonly hour: Threshold;
}

const QUERY =
  'SELECT campaign, hour, SUM(impressions) AS i, SUM(clicks) AS c FROM t GROUP BY campaign, hour';

/** What the simulator makes of the query. */
async function simulated(
  events: readonly Event[],
  thresholds: Thresholds,
  discriminatorColumn: string | undefined,
): Promise<string[]> {
  const values = events.map(
    (each) =>
      `('${each.campaign}', '${each.hour}', ${each.impressions}::BIGINT, ${each.clicks}::BIGINT, ${each.user}::UBIGINT)`,
  );
  const view = `SELECT campaign, hour, impressions, clicks, user_key AS __user
    FROM (VALUES ${values.join(', ')}) AS v(campaign, hour, impressions, clicks, user_key)`;
  const columns = [
    { name: 'campaign', metric: false, threshold: thresholds.campaign },
    { name: 'hour', metric: false, threshold: thresholds.hour },
    { name: 'impressions', metric: true, threshold: 'NONE' as const },
    { name: 'clicks', metric: true, threshold: 'NONE' as const },
  ];
  const node = await parseQuery(connection, view);
  const pending = carryUsers(await parseQuery(connection, QUERY), {
    commonTables: new Map(),
    aggregates: new Set(['sum']),
    carryUsers,
    sources: () => ['t'],
    sourceTable: () => ({ name: 't', node, shape: { users: 'one', columns } }),
  });
  const { positions } = pending;
  const query = await printQuery(connection, pending.build({ form: 'count', positions }));
  const { sql } = suppressionSql(query, {
    columns: pending.columns.map((each) => ({
      ...each,
      type: each.metric ? 'HUGEINT' : 'VARCHAR',
    })),
    positions,
    sources: ['t'],
    extraColumns: {},
    blankMetrics: false,
    userCount: 'effective',
    discriminatorColumn,
  });
  const rows = (await connection.runAndReadAll(sql)).getRows();
  return rows.map((row) => row.join('|')).toSorted();
}

/** The same by the words of the documentation, one event at a time. */
function expected(
  events: readonly Event[],
  thresholds: Thresholds,
  discriminator: boolean,
): string[] {
  const strictest = Math.max(REQUIRED_USERS[thresholds.campaign], REQUIRED_USERS[thresholds.hour]);
  const merged = new Map<string, [number, number]>();
  for (const group of Map.groupBy(events, ({ campaign, hour }) => `${campaign}|${hour}`).values()) {
    const { campaign, hour } = group[0]!;
    const users = effectiveUsers(group);
    if (!discriminator && users < strictest) continue;
    const kept = (value: string, threshold: Threshold) =>
      users >= REQUIRED_USERS[threshold] ? value : '';
    const key = `${kept(campaign, thresholds.campaign)}|${kept(hour, thresholds.hour)}|${users < strictest}`;
    const [impressions, clicks] = merged.get(key) ?? [0, 0];
    merged.set(key, [impressions + sum(group, 'impressions'), clicks + sum(group, 'clicks')]);
  }
  return [...merged]
    .map(([key, [impressions, clicks]]) => {
      const [campaign, hour, flag] = key.split('|');
      const cells = [campaign, hour, impressions, clicks];
      return (discriminator ? [...cells, flag] : cells).join('|');
    })
    .toSorted();
}

function effectiveUsers(group: readonly Event[]): number {
  const counts = (['impressions', 'clicks'] as const)
    .filter((metric) => sum(group, metric) !== 0)
    .map((metric) => usersOf(group.filter((each) => each[metric] !== 0)));
  return counts.length === 0 ? usersOf(group) : Math.min(...counts);
}

const usersOf = (group: readonly Event[]) => new Set(group.map((each) => each.user)).size;

const sum = (group: readonly Event[], metric: 'impressions' | 'clicks') =>
  group.reduce((total, each) => total + each[metric], 0);

const event = fc.record({
  campaign: fc.constantFrom('a', 'b', 'c'),
  hour: fc.constantFrom('x', 'y'),
  impressions: fc.constantFrom(0, 1, 1, 3),
  clicks: fc.constantFrom(0, 0, 0, 1),
  user: fc.integer({ min: 1, max: 4 }),
});

const threshold = fc.constantFrom<Threshold>('NONE', 'LOW', 'MEDIUM');

test('suppression does what the documentation says, for any events and thresholds', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { minLength: 1, maxLength: 16 }),
      fc.record({ campaign: threshold, hour: threshold }),
      fc.boolean(),
      async (events, thresholds, discriminator) => {
        const column = discriminator ? 'filtered' : undefined;
        expect(await simulated(events, thresholds, column)).toEqual(
          expected(events, thresholds, discriminator),
        );
      },
    ),
    { numRuns: 150 },
  );
});
