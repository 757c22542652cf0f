import { wantedTable } from '../../tables/prepared-table.ts';
import { defineTable } from '../../tables/table-definition.ts';
import { ACCOUNT, CLICKS, DATE, ledgerRow, partitionChange } from '../../testing/slice-fixtures.ts';
import { commitScript } from '../commit/commit-script.ts';
import type { CommitContent } from '../commit/commit-script.ts';
import { costsSql, enterCostsSql } from '../costs/costs-sql.ts';
import { copyFormerLeasesSql, retireFormerLeasesSql } from '../leases/former-leases.ts';
import { heartbeatSql, leasesSql, releaseLeasesSql, takeLeasesSql } from '../leases/lease-sql.ts';
import { coverageSql, factsSql, missedSql } from '../../reading/coverage-sql.ts';
import { extractionsSql, runsSql } from '../../reading/extractions-sql.ts';
import { heldRowsOfSql } from '../../reading/held-rows-sql.ts';
import { campaignsSql, trendSql } from '../../reading/trend-sql.ts';
import { DAILY_VIEWS } from '../../views/daily-views.ts';
import { copiesSql, knownDatesSql, statesSql, statusSql } from '../commit/ledger-sql.ts';
import { sameKeySql } from '../tables/key-note.ts';
import { BIGQUERY_NAMES } from '../tables/names.ts';
import { activateSql, replaceSql } from '../commit/table-changes.ts';
import { sliceOf } from '../../slices/slice-execution.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import { warehouseViews } from '../../views/warehouse-views.ts';
import { fixtureColumns } from '../../views/testing/view-fixture.ts';
import { bigqueryViews, createViewSql, currentViewSql } from '../views/bigquery-views.ts';
import { VIEW_RATES } from '../../views/testing/view-cases.ts';
import { setCurrenciesSql, setReportingCurrencySql } from '../views/currencies-sql.ts';
import { putRatesSql } from '../views/exchange-rates.ts';
import { grantStatements } from '../views/grants.ts';

const DATASET = 'traffic_events';
const INSTANT = '2026-01-09T06:00:00.000Z';
const ODD = 'it\'s a \\ "test"\nof `quotes`; -- and comments\u0000';

/** One statement of every kind that the loader writes, by name, with values that need care. */
export function generatedStatements(): Readonly<Record<string, string>> {
  const lease = { accountId: ACCOUNT, epoch: '7' };
  const mark = { stream: CLICKS.stream, account_id: ACCOUNT, event_date: DATE };
  const held = { holder: 'host/1/token', heartbeatAt: INSTANT };
  const upsert = preparedTable('upsert');
  return {
    'commit of slices': commitScript(DATASET, slicesContent()),
    'commit of any tap': commitScript(DATASET, tablesContent()),
    copies: copiesSql(DATASET, [sliceOf(mark), { ...sliceOf(mark), accountId: ODD }]),
    'known dates': knownDatesSql(DATASET, [ACCOUNT, ODD]),
    states: statesSql(DATASET, [ACCOUNT]),
    status: statusSql(DATASET),
    leases: leasesSql(DATASET, [ACCOUNT]),
    'take leases': takeLeasesSql(
      DATASET,
      [
        { accountId: ACCOUNT, from: '6', to: '7' },
        { accountId: ODD, from: undefined, to: '1' },
      ],
      held,
    ),
    'copy former leases': copyFormerLeasesSql(DATASET),
    'retire former leases': retireFormerLeasesSql(DATASET),
    heartbeat: heartbeatSql(DATASET, [lease], INSTANT),
    'release leases': releaseLeasesSql(
      DATASET,
      [lease],
      enterCostsSql(DATASET, {
        runId: ODD,
        startedAt: INSTANT,
        endedAt: INSTANT,
        kinds: new Map([
          ['load', { jobs: 2, bytesBilled: 0 }],
          ['commit', { jobs: 1, bytesBilled: 73_400_320 }],
        ]),
      }),
    ),
    costs: costsSql(DATASET),
    'activate version': activateSql(DATASET, upsert, 2, { markedAt: INSTANT }),
    'activate version, hard': activateSql(DATASET, upsert, 2, 'hard'),
    'rows of the same key': sameKeySql(DATASET, upsert),
    'replace tables': replaceSql(DATASET, [
      { table: upsert, stage: 'stage' },
      { table: preparedTable('append'), stage: undefined },
    ]),
    ...viewStatements(),
    ...readingStatements(),
  };
}

/** The views over all tables, and over none; their currencies, and who may read them. */
function viewStatements(): Record<string, string> {
  const place = { project: 'my-project', dataset: DATASET };
  const dialect = bigqueryViews(place);
  const views = warehouseViews(dialect, fixtureColumns()).map(
    (view) => [`view ${view.name}`, createViewSql(place, view, { team: ODD })] as const,
  );
  const empty = warehouseViews(dialect, new Map()).map(
    (view) => [`view ${view.name} without tables`, createViewSql(place, view)] as const,
  );
  const [reader, loader] = ['group:bi@example.com', 'user:etl@example.com'];
  return {
    ...Object.fromEntries([...views, ...empty]),
    'current view': currentViewSql(place, 'clicks', ODD),
    'exchange rates': putRatesSql(place, VIEW_RATES.flat()),
    'reporting currency': setReportingCurrencySql(place, 'USD'),
    currencies: setCurrenciesSql(place, [
      [ACCOUNT, 'EUR'],
      [ODD, 'USD'],
    ]),
    grants: grantStatements({ ...place, location: 'EU', reader, loader }).join(';\n'),
  };
}

/** What pages ask. */
function readingStatements(): Record<string, string> {
  const reader = {
    dialect: bigqueryViews({ project: 'my-project', dataset: DATASET }),
    jsonText: (column: string) => `TO_JSON_STRING(${column})`,
  };
  const dates = { from: DATE, to: DATE };
  const range = { ...dates, accountId: ODD };
  const slices = { ...dates, stream: 'dsp_clicks', accountIds: [ODD] };
  const asked = { accountId: ODD, eventDate: DATE, runId: ODD, isTrouble: true, limit: 5 };
  const trends = DAILY_VIEWS.flatMap((view) => [
    [
      `read trend of ${view.name}`,
      trendSql(reader.dialect, view, { ...range, campaign: ODD }),
    ] as const,
    [`read campaigns of ${view.name}`, campaignsSql(reader.dialect, view, range, 5)] as const,
  ]);
  return {
    'read coverage': coverageSql(reader),
    'read facts': factsSql(reader),
    'read missed': missedSql(reader),
    'read extractions': extractionsSql(reader, asked),
    'read runs': runsSql(reader, 5),
    'read held rows': heldRowsOfSql(reader, slices, ['clicks']),
    ...Object.fromEntries(trends),
  };
}

function slicesContent(): CommitContent {
  const definition = defineTable(CLICKS, { ...BIGQUERY_NAMES, numberMode: 'numeric' });
  const table = wantedTable(definition, []);
  const slice = { accountId: ACCOUNT, eventDate: DATE, executionId: 'e1' };
  const row = ledgerRow({ executionId: 'e1', rowCount: 3, clicks: '5' });
  return {
    slices: [
      { table, stage: 'stage', rows: 3, slices: [slice, { ...slice, accountId: ODD }] },
      { table, stage: undefined, rows: 0, slices: [slice] },
    ],
    tables: [],
    ledger: [
      row,
      { ...row, extraction_id: ODD, status: 'failed', execution_id: null, reason: ODD },
    ],
    changes: [partitionChange({ bookmark: DATE })],
    definitions: ['f1', ODD].map((fingerprint) => ({
      stream: ODD,
      fingerprint,
      time_zone: 'UTC',
      kind: 'sql' as const,
      query: ODD,
      columns: [{ name: ODD, type: 'LONG' as const, role: 'metric' as const }],
    })),
    run: { id: 'run-1', started_at: INSTANT },
    leases: [{ accountId: ACCOUNT, epoch: '7' }],
    otherLeases: [{ accountId: ODD, epoch: '8' }],
    savedAt: INSTANT,
    heartbeatAt: INSTANT,
  };
}

function tablesContent(): CommitContent {
  return {
    slices: [],
    tables: [
      { table: preparedTable('upsert'), stage: 'stage', rows: 3 },
      { table: preparedTable('append'), stage: 'stage', rows: 3 },
    ],
    ledger: [],
    changes: [],
    leases: [],
    otherLeases: [],
    savedAt: INSTANT,
    heartbeatAt: INSTANT,
  };
}

function preparedTable(method: 'upsert' | 'append'): PreparedTable {
  const properties = {
    'odd `name`': { type: ['null', 'string'] },
    id: { type: 'integer' },
    data: { type: 'object' },
  };
  const definition = defineTable(
    {
      stream: `sales ${method}`,
      schema: { properties },
      keyProperties: method === 'upsert' ? ['odd `name`', 'id'] : [],
    },
    { ...BIGQUERY_NAMES, numberMode: 'numeric' },
  );
  return wantedTable(definition, []);
}
