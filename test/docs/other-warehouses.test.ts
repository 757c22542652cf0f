import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { currentViewSql } from '@traffic-events/warehouse/postgres';
import { describe, expect, test } from 'vitest';
import { hasPython, peerFolder } from '../conformance/python-peers.ts';
import { isThorough } from '../reporting/thorough.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/other-warehouses.md'), 'utf8');
const [, VIEW = ''] = /^```sql\n([\s\S]*?)^```/m.exec(PAGE) ?? [];

const PARSES = `
import sys, sqlglot
for dialect in sys.argv[2:]:
    (view,) = sqlglot.parse(sys.argv[1], read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    print(dialect, view.key)
`;

test('the view for other warehouses picks the copy that our own views pick', () => {
  const own = currentViewSql('traffic_events', 'dsp_impressions', 'dsp_impressions');
  expect(VIEW.trim()).toBe(own.replaceAll('"', '').trim());
});

describe.runIf(isThorough && hasPython())('the view for other warehouses', () => {
  test('is of the grammar of each', { timeout: 300_000 }, async () => {
    const dialects = ['snowflake', 'redshift', 'databricks', 'duckdb'];
    const python = join(await peerFolder('sqlglot'), 'python');
    const { stdout } = await promisify(execFile)(python, ['-c', PARSES, VIEW, ...dialects]);
    expect(stdout.trim().split('\n')).toEqual(dialects.map((dialect) => `${dialect} create`));
  });
});
