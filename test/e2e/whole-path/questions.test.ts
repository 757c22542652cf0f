import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documentedQuestions } from '../../docs/questions-page.ts';
import { isThorough } from '../../reporting/thorough.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import { added, EventsTruth, keyOf } from './events-truth.ts';
import type { Answer } from './events-truth.ts';
import { DATES, DSP_ACCOUNTS, ENTITY, questionsWorld, RATES } from './questions-world.ts';
import type { QuestionsWorld } from './questions-world.ts';

/** The emulator takes minutes for what PostgreSQL loads in seconds. */
const isTried = warehouseKind.isHere() && (warehouseKind.project === 'test' || isThorough);

const WAREHOUSES = ['PostgreSQL', 'BigQuery'];
const here = warehouseKind.project === 'test' ? 'PostgreSQL' : 'BigQuery';
const QUESTIONS = new Map(
  [...documentedQuestions()].filter(([name]) => {
    const only = WAREHOUSES.find((warehouse) => name.endsWith(`, ${warehouse}`));
    return only === undefined || only === here;
  }),
);

const DAY = ['event_date', 'account_id'];
const CAMPAIGN_DAY = [...DAY, 'campaign'];
const RETENTION_DAYS = 30;
const FILLING_TIMEOUT_MS = 900_000;

describe.skipIf(!isTried)(`the questions of docs/questions.md in ${here}`, () => {
  let asked: QuestionsWorld;
  let truth: EventsTruth;
  const checked = new Set<string>();
  beforeAll(async () => {
    asked = await questionsWorld();
    truth = new EventsTruth(asked.world.simulator);
  }, FILLING_TIMEOUT_MS);
  afterAll(() => asked[Symbol.asyncDispose]());

  /** A query of the page, word by word but for the name of the schema. */
  async function answerOf(name: string): Promise<Answer[]> {
    checked.add(name);
    const sql = QUESTIONS.get(name) ?? '';
    const here = sql.replaceAll(/\btraffic_events\.(\w+)/g, (_, table: string) =>
      asked.warehouse.nameOf(table),
    );
    const rows = (await asked.warehouse.query(here)).map(plain);
    expect(rows).not.toEqual([]);
    return rows;
  }

  /** As of when a slice shows what the vendors have found. */
  async function createdMs(stream: string, slice: Answer): Promise<number> {
    const { account_id: account, event_date: date } = slice;
    const [row = {}] = await asked.warehouse.query(
      `SELECT create_time FROM ${asked.warehouse.nameOf('extractions')}
       WHERE stream = '${stream}' AND account_id = '${account}' AND event_date = '${date}'`,
    );
    return new Date(String(plain(row)['create_time'])).getTime();
  }

  const ofDsp = { accounts: DSP_ACCOUNTS };
  const ofEntity = { accounts: [ENTITY] };

  async function expectSums(
    rows: readonly Answer[],
    column: string,
    of: Parameters<EventsTruth['sums']>[0],
    scale = 1,
  ): Promise<void> {
    const [sums, truths] = [added(rows, column, of.by), await truth.sums(of)];
    for (const [key, sum] of truths) {
      expect(sums.get(key) ?? 0, `${column} of ${key}`).toBeCloseTo(sum * scale, 5);
    }
  }

  test('spend and clicks by campaign and day add up to what happened, rates lie between their ends', async () => {
    const rows = await answerOf('spend by campaign and day');
    expect(rows.map(({ campaign }) => campaign)).toContain('(suppressed)');
    const clicks = { dataSource: 'dsp_clicks', metric: 'clicks', ...ofDsp } as const;
    const impressions = { dataSource: 'dsp_impressions', metric: 'impressions', ...ofDsp } as const;
    await expectSums(rows, 'clicks', { ...clicks, by: DAY });
    await expectSums(rows, 'impressions', { ...impressions, by: DAY });
    await expectSums(rows, 'spend', { ...impressions, metric: 'total_cost', by: DAY }, 1e-5);
    expectBounds(
      rows,
      CAMPAIGN_DAY,
      ['click_through_rate_low', 'click_through_rate_high'],
      [
        await truth.sums({ ...clicks, by: CAMPAIGN_DAY }),
        await truth.sums({ ...impressions, by: CAMPAIGN_DAY }),
      ],
    );
    const time = ['account_id', 'campaign'];
    expectBounds(
      await answerOf('click-through rate by campaign'),
      time,
      ['lowest_rate', 'highest_rate'],
      [await truth.sums({ ...clicks, by: time }), await truth.sums({ ...impressions, by: time })],
    );
  });

  test('sponsored ads by campaign and day add up to what happened, rates lie between their ends', async () => {
    const rows = await answerOf('sponsored ads by campaign and day');
    expect(rows.map(({ campaign }) => campaign)).toContain('(suppressed)');
    const source = { dataSource: 'sponsored_ads_traffic', ...ofEntity } as const;
    const clicks = { ...source, metric: 'clicks' };
    const impressions = { ...source, metric: 'impressions' };
    await expectSums(rows, 'clicks', { ...clicks, by: DAY });
    await expectSums(rows, 'impressions', { ...impressions, by: DAY });
    expectBounds(
      rows,
      CAMPAIGN_DAY,
      ['click_through_rate_low', 'click_through_rate_high'],
      [
        await truth.sums({ ...clicks, by: CAMPAIGN_DAY }),
        await truth.sums({ ...impressions, by: CAMPAIGN_DAY }),
      ],
    );
  });

  test('invalid rates are those of the vendors and of Amazon', async () => {
    const rows = await answerOf('invalid rate by vendor');
    for (const row of rows) {
      const key = keyOf(row, DAY);
      const asOfMs = await createdMs('ivt_report', row);
      const of = async (metric: string) => {
        const question = { dataSource: 'ivt_report', metric, ...ofDsp, by: DAY, asOfMs } as const;
        return (await truth.sums(question)).get(key) ?? 0;
      };
      const served = await of('impressions');
      expect(Number(row['impressions']), key).toBe(served);
      for (const vendor of ['adloox', 'ias']) {
        const rate = (await of(`${vendor}_invalid_impressions`)) / served;
        expect(rate, key).toBeGreaterThan(0);
        expect(Number(row[`${vendor}_rate`]), key).toBeCloseTo(rate, 9);
      }
    }
    const invalid = {
      dataSource: 'dsp_invalid_impressions',
      metric: 'invalid_impressions',
      ...ofDsp,
      by: DAY,
    } as const;
    const byAmazon = await answerOf('invalid rate by Amazon');
    await expectSums(byAmazon, 'invalid_impressions', invalid);
    const valid = await truth.sums({
      ...invalid,
      dataSource: 'dsp_impressions',
      metric: 'impressions',
    });
    const found = await truth.sums(invalid);
    for (const row of byAmazon) {
      const key = keyOf(row, DAY);
      const count = found.get(key) ?? 0;
      expect(Number(row['invalid_rate'])).toBeCloseTo(count / (count + (valid.get(key) ?? 0)), 9);
    }
  });

  test.each([
    ['viewability by account and day', 'dsp_views', 'measurable_impressions', DSP_ACCOUNTS],
    ['viewability of sponsored ads', 'sponsored_ads_traffic', 'impressions', [ENTITY]],
  ] as const)('%s is what was seen', async (name, dataSource, measurable, accounts) => {
    const of = (metric: string) => truth.sums({ dataSource, metric, accounts, by: DAY });
    const [viewable, measured] = [await of('viewable_impressions'), await of(measurable)];
    const unmeasured =
      dataSource === 'dsp_views' ? new Map() : await of('unmeasurable_viewable_impressions');
    for (const row of await answerOf(name)) {
      const key = keyOf(row, DAY);
      const rate =
        (viewable.get(key) ?? 0) / ((measured.get(key) ?? 0) - (unmeasured.get(key) ?? 0));
      expect(Number(row['viewability']), key).toBeCloseTo(rate, 9);
    }
  });

  test.each([
    [
      'completion of sponsored ads',
      'sponsored_ads_traffic',
      [ENTITY],
      'video_first_quartile_views video_midpoint_views video_third_quartile_views video_complete_views',
    ],
    [
      'completion of the ad server',
      'adserver_traffic',
      DSP_ACCOUNTS,
      'video_played_25pc video_played_50pc video_played_75pc video_played_100pc',
    ],
  ] as const)('%s is what was watched', async (name, dataSource, accounts, metrics) => {
    const rows = await answerOf(name);
    const by = ['account_id'];
    const columns = ['first_quartile', 'midpoint', 'third_quartile', 'complete'];
    for (const [index, metric] of metrics.split(' ').entries()) {
      await expectSums(rows, columns[index] ?? '', { dataSource, metric, accounts, by });
    }
    for (const row of rows) {
      expect(Number(row['completion'])).toBeCloseTo(
        Number(row['complete']) / Number(row['first_quartile']),
        9,
      );
    }
  });

  test('months are compared by the mean of their days', async () => {
    const rows = await answerOf(`month over month, ${here}`);
    const days = await truth.sums({
      dataSource: 'dsp_impressions',
      metric: 'total_cost',
      ...ofDsp,
      by: DAY,
    });
    for (const account of DSP_ACCOUNTS) {
      const meanOf = (month: string) => {
        const all = [...days].filter(([key]) => key.startsWith(month) && key.endsWith(account));
        return all.reduce((sum, [, cost]) => sum + cost / 1e5, 0) / all.length;
      };
      const [january, february] = [meanOf('2026-01'), meanOf('2026-02')];
      const told = rows.filter((row) => row['account_id'] === account);
      expect(told.map(({ month, dates }) => [month, dates])).toEqual([
        ['2026-01-01', '2'],
        ['2026-02-01', '2'],
      ]);
      expect(Number(told[0]?.['spend_a_day'])).toBeCloseTo(january, 5);
      expect(told[0]?.['change']).toBeNull();
      expect(Number(told[1]?.['change'])).toBeCloseTo(february / january - 1, 5);
    }
  });

  test.each([
    ['top creatives', 'creative', ofDsp, { impressions: 'dsp_impressions', clicks: 'dsp_clicks' }],
    [
      'devices',
      'event_source',
      ofDsp,
      { impressions: 'devices_traffic', clicks: 'devices_traffic' },
    ],
    ['pages', 'page_url', ofDsp, { impressions: 'page_url_report' }],
  ] as const)(
    '%s are told by as much as is known of them, and never by more',
    async (name, dimension, of, sources) => {
      const rows = await answerOf(name);
      const by = ['account_id', dimension];
      expect(rows.filter((row) => row[dimension] !== '(withheld)').length).toBeGreaterThan(3);
      for (const [metric, dataSource] of Object.entries(sources)) {
        const sums = await truth.sums({ dataSource, metric, ...of, by });
        const told = added(rows, metric, by);
        for (const [key, sum] of told) {
          if (key.endsWith('(withheld)')) continue;
          expect(sum, key).toBeLessThanOrEqual(sums.get(key) ?? 0);
        }
        const [first] = [...sums].toSorted(([, one], [, other]) => other - one);
        if (metric === 'impressions') expect(told.get(first?.[0] ?? '')).toBeGreaterThan(0);
      }
    },
  );

  test('the suppressed share is what no campaign is told of', async () => {
    const told = (await answerOf('spend by campaign and day')).filter(
      ({ campaign }) => campaign !== '(suppressed)',
    );
    const shares = new Map(
      (await answerOf('suppressed share')).map((row) => [keyOf(row, DAY), row]),
    );
    for (const [metric, dataSource] of [
      ['impressions', 'dsp_impressions'],
      ['clicks', 'dsp_clicks'],
    ] as const) {
      const named = added(told, metric, DAY);
      const all = await truth.sums({ dataSource, metric, ...ofDsp, by: DAY });
      for (const [key, sum] of all) {
        const share = Number(shares.get(key)?.[`of_${metric}`]);
        expect(share, key).toBeCloseTo(1 - (named.get(key) ?? 0) / sum, 9);
      }
    }
  });

  test('dates are whole when nothing of them can arrive any more', async () => {
    const states = new Set<string>();
    const nowMs = asked.world.clock.now();
    for (const { event_date: date, ...row } of await answerOf('dates to trust')) {
      const isOver = Date.parse(`${date}T00:00:00Z`) + 4 * 86_400_000 <= nowMs;
      expect({ date, ...row }).toMatchObject({ is_whole: isOver, lost: '0' });
      const daysLeft = RETENTION_DAYS - (nowMs - Date.parse(`${date}T00:00:00Z`)) / 86_400_000;
      if (isOver) expect(row['days_left']).toBeNull();
      else expect(Number(row['days_left'])).toBeCloseTo(daysLeft, 0);
      states.add(JSON.stringify([isOver, row['still_open'] !== '0', row['never_asked'] !== '0']));
    }
    expect(states.size).toBe(3);
  });

  test('costs of several currencies have a sum on the days whose rates are known', async () => {
    const rows = await answerOf('spend in one currency');
    const costs = await truth.sums({
      dataSource: 'dsp_impressions',
      metric: 'total_cost',
      ...ofDsp,
      by: DAY,
    });
    const [german, british] = DSP_ACCOUNTS;
    for (const { event_date: date, currency, spend, accounts_without_rate: missing } of rows) {
      expect(currency).toBe('EUR');
      const [euros = 0, pounds = 0] = [german, british].map((account) =>
        costs.get(`${date}|${account}`),
      );
      const isKnown = String(date) >= RATES.from;
      expect(missing).toBe(isKnown ? '0' : '1');
      if (!isKnown) expect(spend).toBeNull();
      else expect(Number(spend)).toBeCloseTo((euros + pounds * RATES.rate) / 1e5, 5);
    }
    expect(rows.map((row) => row['event_date'])).toContain(DATES.from);
  });

  test('no query of the page is left out here', () => {
    expect([...checked].toSorted()).toEqual([...QUESTIONS.keys()].toSorted());
  });
});

/** What is told of a campaign is never more than what is true, and the true rate lies between the ends. */
function expectBounds(
  rows: readonly Answer[],
  by: readonly string[],
  [low, high]: readonly [string, string],
  sums: readonly [clicks: Map<string, number>, impressions: Map<string, number>],
): void {
  const [clicks, impressions] = sums;
  const named = rows.filter((row) => clicks.has(keyOf(row, by)) || impressions.has(keyOf(row, by)));
  const bounded = named.filter((row) => row[low] !== null && row[high] !== null);
  expect(bounded.length).toBeGreaterThan(2);
  for (const row of bounded) {
    const key = keyOf(row, by);
    const rate = (clicks.get(key) ?? 0) / (impressions.get(key) ?? 0);
    expect(Number(row[low]), key).toBeLessThanOrEqual(rate + 1e-9);
    expect(Number(row[high]), key).toBeGreaterThanOrEqual(rate - 1e-9);
  }
  for (const row of named) {
    const key = keyOf(row, by);
    expect(Number(row['clicks'] ?? 0), key).toBeLessThanOrEqual(clicks.get(key) ?? 0);
    expect(Number(row['impressions'] ?? 0), key).toBeLessThanOrEqual(impressions.get(key) ?? 0);
  }
}

/** Drivers wrap dates and exact numbers, each in its own way. */
function plain(row: Readonly<Record<string, unknown>>): Answer {
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => {
      const written = JSON.parse(JSON.stringify(cell)) as Answer[string] | { value: string };
      const value = typeof written === 'object' && written !== null ? written.value : written;
      return [name, typeof value === 'number' ? String(value) : value];
    }),
  );
}
