import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openWarehouse } from '@traffic-events/warehouse';
import { BigQuerySink, createViews, currentViewSql } from '@traffic-events/warehouse/bigquery';
import {
  comparable,
  fixtureInserts,
  fixtureStreams,
  hasEmulator,
  testDataset,
  VIEW_CASES,
  VIEW_CLOCK,
  VIEW_CURRENCIES,
  VIEW_RATES,
} from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOCUMENTED_VIEWS, viewColumns } from '../docs/tables-page.ts';
import { run } from '../e2e/programs.ts';
import type { Ended } from '../e2e/programs.ts';
import { isThorough } from '../reporting/thorough.ts';

const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };

/** Of a ledger that another loader fills. */
const ledgerEntry = (id: string, date: string, createTime: string, rows: number) =>
  `('${id}', '${id}', 'kept', 'a', 'DE', DATE '${date}', 'settled', TIMESTAMP '${createTime}', ${rows}, JSON '{}', TRUE, TRUE, FALSE, 'f', 'r', TIMESTAMP '2026-01-09 00:00:00+00')`;

describe.runIf(isThorough && hasEmulator())('views in BigQuery', () => {
  let directory: string;
  let dataset: TestDataset;
  /** In which nothing is there before its views. */
  let empty: TestDataset;
  let printed: Ended;
  let made: readonly string[];
  const qualified = (table: string) => `\`${dataset.settings.dataset}.${table}\``;
  const execute = (script: string) =>
    dataset.connection.execute({ kind: 'alter', identity: [crypto.randomUUID()] }, script);
  const command = (place: TestDataset, ...args: readonly string[]) => {
    const config = join(directory, 'traffic-events.yaml');
    const [client_id, client_secret, refresh_token] = ['id', 'secret', 'token'];
    const credentials = { client_id, client_secret, refresh_token };
    const accounts = [{ marketplace: 'US', advertiser_id: '9', currency: 'CAD' }];
    const settings = { credentials, start_date: '2026-01-05', accounts, warehouse: place.url };
    writeFileSync(config, JSON.stringify(settings));
    return run('traffic-events', ['views', ...args, '--config', config]);
  };

  const make = () =>
    createViews({
      connection: dataset.settings,
      tables: { labels: { team: 'bi' } },
      currencies: VIEW_CURRENCIES,
      reportingCurrency: 'USD',
      clock: VIEW_CLOCK,
    });

  /** Made once for tables that are there: each table that comes under views takes the emulator seconds. */
  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'traffic-events-views-'));
    [dataset, empty] = [testDataset(), testDataset()];
    printed = await command(empty, '--print');
    const sink = new BigQuerySink({ connection: dataset.settings });
    await sink.open(RUN, fixtureStreams(), []);
    await sink.close();
    await execute(fixtureInserts(qualified).join(';\n'));
    const warehouse = await openWarehouse({ url: dataset.url }, process.env);
    for (const rates of VIEW_RATES) await warehouse.putExchangeRates(rates);
    await make();
    await execute(
      `CREATE VIEW ${qualified('own')} AS SELECT campaign FROM ${qualified('dsp_daily')}`,
    );
    made = await make();
  });
  afterAll(async () => {
    rmSync(directory, { recursive: true });
    await Promise.all([dataset.drop(), empty.drop()]);
  });

  // What is left out here, Google's own SQL answers in googlesql.bq.test.ts.
  const cases = VIEW_CASES.filter(({ isOfOffset }) => isOfOffset !== true);
  test.each(cases)('in every warehouse: $name', async ({ sql, rows }) => {
    expect(comparable(await dataset.query(sql(qualified)))).toEqual(comparable(rows));
  });

  test('are made in a dataset that is not there yet, and their statements printed', () => {
    expect(printed, printed.stderr).toMatchObject({ code: 0 });
    const names = [
      ...printed.stdout.matchAll(/^CREATE OR REPLACE VIEW `local\.test_\w+\.(\w+)`$/gm),
    ];
    expect(names.map(([, name]) => name)).toEqual([
      'dsp_daily',
      'sponsored_ads_daily',
      'adserver_daily',
      'dsp_account_daily',
      'sponsored_ads_account_daily',
      'adserver_account_daily',
      'coverage',
    ]);
  });

  test('made again they know what is there now; views built on them stay', async () => {
    expect(made).toHaveLength(fixtureStreams().length + 7);
    expect(await dataset.query('SELECT campaign FROM `{dataset}.own`')).not.toEqual([]);
  });

  test('a currency that is given again takes the place of the old one', async () => {
    expect(
      await dataset.query(
        'SELECT account_id, currency FROM `{dataset}.account_currencies` ORDER BY account_id',
      ),
    ).toEqual([
      { account_id: 'DE:dsp:7', currency: 'EUR' },
      { account_id: 'US:dsp:9', currency: 'USD' },
    ]);
  });

  test.each(DOCUMENTED_VIEWS)(
    '%s has the columns that stand on the page of tables',
    async (view) => {
      const [{ schema }] = await dataset.connection.dataset.table(view).getMetadata();
      const { fields } = schema as { fields: readonly { name: string }[] };
      expect(fields.map(({ name }) => name)).toEqual(viewColumns(view).map(([name]) => name));
    },
  );

  test('are described and labelled', async () => {
    const [daily] = await dataset.connection.dataset.table('dsp_daily').getMetadata();
    expect(daily).toMatchObject({
      type: 'VIEW',
      description: expect.stringContaining('a row per account, date and campaign') as string,
      labels: { team: 'bi' },
    });
  });

  test('come with the grants that they need, for principals', async () => {
    const loader = 'serviceAccount:load@local.iam.gserviceaccount.com';
    const granted = await command(
      dataset,
      '--grants',
      '--reader',
      'group:bi@example.com',
      '--loader',
      loader,
    );
    expect(granted, granted.stderr).toMatchObject({ code: 0 });
    const place = `\`local.${dataset.settings.dataset}\``;
    expect(granted.stdout).toContain(
      `GRANT \`roles/bigquery.dataViewer\` ON SCHEMA ${place} TO 'group:bi@example.com';`,
    );
    expect(granted.stdout).toContain(
      `GRANT \`roles/bigquery.dataEditor\` ON SCHEMA ${place} TO '${loader}';`,
    );
  });

  test('who is no principal is refused, by name of the option', async () => {
    const refused = await command(
      dataset,
      '--grants',
      '--reader',
      'group:bi@example.com',
      '--loader',
      'etl',
    );
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      'loader: BigQuery grants rights to principals; expected user:NAME@DOMAIN, group:NAME@DOMAIN, serviceAccount:NAME@DOMAIN or domain:DOMAIN, got etl',
    );
  });

  test('behind another loader, *_current answers with the best copy whose rows are all there', async () => {
    await execute(`
      CREATE TABLE ${qualified('kept')} (account_id STRING, event_date DATE, execution_id STRING, n INT64);
      INSERT INTO ${qualified('kept')} VALUES ('a', DATE '2026-01-05', 'old', 1), ('a', DATE '2026-01-05', 'new', 2),
        ('a', DATE '2026-01-05', 'torn', 3), ('a', DATE '2026-01-06', 'only', 4);
      INSERT INTO ${qualified('extractions')} (extraction_id, execution_id, stream, account_id, marketplace, event_date, status, create_time,
        row_count, sums, complete, settled, suspect, fingerprint, run_id, recorded_at) VALUES
        ${ledgerEntry('old', '2026-01-05', '2026-01-08 00:00:00+00', 1)}, ${ledgerEntry('new', '2026-01-05', '2026-01-09 00:00:00+00', 1)},
        ${ledgerEntry('torn', '2026-01-05', '2026-01-10 00:00:00+00', 2)}, ${ledgerEntry('only', '2026-01-06', '2026-01-09 00:00:00+00', 1)};
      ${currentViewSql(dataset.settings, 'kept', 'kept')}`);
    expect(
      await dataset.query(`SELECT execution_id FROM ${qualified('kept_current')} ORDER BY n`),
    ).toEqual([{ execution_id: 'new' }, { execution_id: 'only' }]);
  });
});
