import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { wantedTable } from '../../tables/prepared-table.ts';
import { defineTable } from '../../tables/table-definition.ts';
import { CLICKS, ledgerRow, partitionChange } from '../../testing/slice-fixtures.ts';
import { releaseLeasesSql, takeLeasesSql } from '../leases/lease-sql.ts';
import { BIGQUERY_NAMES } from '../tables/names.ts';
import { commitScript } from './commit-script.ts';

const PAGE = resolve(import.meta.dirname, '../../../../../docs/bigquery.md');
const AT = '2026-01-09T06:00:00.000Z';
/** The daily tables of a DSP account, and the dates that a run of today asks for: three may still grow. */
const STREAMS = 7;
const DATES = 4;
/** Characters of ledger and state that a slice brings, with the state that says that it was created. */
const CHARACTERS_OF_A_SLICE = 4000;
const MAX_CHARACTERS = 400_000;
const RUN_MINUTES = 60;

const accountsOf = (count: number) =>
  Array.from({ length: count }, (_, index) => `DE:dsp:${index + 1}`);
const heldBy = (accounts: readonly string[]) =>
  accounts.map((accountId) => ({ accountId, epoch: '7' }));

/** Statements of a script that read or change a table, which are billed one by one. */
const billed = (script: string) =>
  script.split(';\n').filter((statement) => /^(?:DELETE|INSERT|UPDATE|SELECT)/.test(statement));

/** Megabytes at the least: ten for each table that a statement names. */
function megabytes(statements: readonly string[]): number {
  const tables = statements.map((text) => new Set(text.match(/`[^`]+\.[^`]+`/g)).size);
  return tables.reduce((sum, count) => sum + 10 * count, 0);
}

/** The script of a flush of `slices` slices that are spread over all streams and accounts. */
function flushOf(slices: number, accounts: readonly string[]): string {
  const streams = Math.min(STREAMS, slices);
  const written = accounts.slice(0, slices);
  const definition = defineTable(CLICKS, { ...BIGQUERY_NAMES, numberMode: 'numeric' });
  const table = wantedTable(definition, []);
  const slice = { accountId: written[0] ?? '', eventDate: '2026-01-05', executionId: 'e' };
  const ledger = Array.from({ length: slices }, (_, index) =>
    ledgerRow({ executionId: `e${index}`, rowCount: 1, clicks: '1' }),
  );
  return commitScript('d', {
    slices: Array.from({ length: streams }, () => ({
      table,
      stage: 's',
      rows: 1,
      slices: [slice],
    })),
    tables: [],
    ledger,
    changes: written.map((accountId) => partitionChange({ accountId })),
    run: { id: 'r', started_at: AT },
    leases: heldBy(written),
    otherLeases: heldBy(accounts.slice(slices)),
    savedAt: AT,
    heartbeatAt: AT,
  });
}

/** Statements of the scripts of a run over so many accounts, each with a flush of two slices. */
function scriptsOf(count: number): number[] {
  const accounts = accountsOf(count);
  const takings = accounts.map((accountId, index) => ({
    accountId,
    from: index % 2 === 0 ? undefined : '6',
    to: index % 2 === 0 ? '1' : '7',
  }));
  return [
    takeLeasesSql('d', takings, { holder: 'h/1/t', heartbeatAt: AT }),
    flushOf(2, accounts),
    releaseLeasesSql('d', heldBy(accounts), 'SELECT 1'),
  ].map((script) => script.split(';\n').length);
}

test('leases of any number of accounts are taken, kept and given back by the same few statements', () => {
  expect(scriptsOf(500)).toEqual(scriptsOf(5));
});

interface Scale {
  readonly accounts: number;
  /** Of a flush: what gathers while one is under way, at most what its characters hold. */
  readonly slicesPerFlush: number;
  readonly runs: number;
}

/** A row of the table in docs/bigquery.md. */
function rowOf({ accounts, slicesPerFlush, runs }: Scale): string {
  const slices = accounts * STREAMS * DATES;
  const flushes = Math.ceil(slices / slicesPerFlush);
  const script = flushOf(slicesPerFlush, accountsOf(accounts));
  // Of each flush: the copies that are held, a load for each stream, and the commit.
  const streams = Math.min(STREAMS, slicesPerFlush);
  // Of each run: leases looked at, taken and given back, states read; a heartbeat a minute while it works.
  const heartbeats = RUN_MINUTES;
  const jobs = flushes * (2 + streams) + runs * 4 + heartbeats;
  const statements = flushes * (1 + billed(script).length) + runs * 8 + heartbeats;
  const perFlush = 10 + megabytes(billed(script));
  const gigabytes = (flushes * perFlush + runs * 90 + heartbeats * 10) / 1000;
  const cells = [accounts, runs === 1 ? 'daily' : 'hourly', slices, flushes, jobs, statements];
  return `| ${[...cells.map(String), `${gigabytes.toFixed(1)} GB`].join(' | ')} |`;
}

test('docs/bigquery.md counts jobs, statements and bytes of a day by the statements themselves', () => {
  expect(100 * CHARACTERS_OF_A_SLICE).toBeLessThanOrEqual(MAX_CHARACTERS);
  const scales = [
    { accounts: 5, slicesPerFlush: 2 },
    { accounts: 50, slicesPerFlush: 20 },
    { accounts: 500, slicesPerFlush: 100 },
  ];
  const rows = scales.flatMap((scale) => [
    rowOf({ ...scale, runs: 1 }),
    rowOf({ ...scale, runs: 24 }),
  ]);
  expect(readFileSync(PAGE, 'utf8')).toContain(rows.join('\n'));
});

test('no query of a flush exceeds what BigQuery takes', () => {
  const script = flushOf(100, accountsOf(500));
  expect(script.length + MAX_CHARACTERS).toBeLessThan(1_000_000);
});
