import {
  comparable,
  fixtureRelations,
  generatedStatements,
  hasEmulator,
  VIEW_CASES,
} from '@traffic-events/warehouse/bigquery/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { askGoogleSql } from './googlesql.ts';
import type { GoogleSqlAnswer } from './googlesql.ts';
import { isThorough } from '../reporting/thorough.ts';

const INSTALLING_TIMEOUT_MS = 600_000;

const place = { project: 'my-project', dataset: 'traffic_events' };
const qualified = (table: string) => `\`${place.project}.${place.dataset}.${table}\``;

const relations = fixtureRelations(place);

/** A query over views or tables, with all that it names before it: views word by word, tables as their rows. */
function withRelations(query: string): string {
  const before = [...relationsOf(query)].map(([name, text]) => `${qualified(name)} AS (${text})`);
  return `WITH ${before.join(', ')} SELECT TO_JSON_STRING(answer) FROM (${query}) AS answer`;
}

function relationsOf(query: string): Map<string, string> {
  const named = relations.filter(([name]) => query.includes(qualified(name)));
  return new Map(named.flatMap(([name, text]) => [...relationsOf(text), [name, text] as const]));
}

describe.runIf(isThorough && hasEmulator())("on Google's own implementation of its SQL", () => {
  let answer: GoogleSqlAnswer;
  beforeAll(async () => {
    answer = await askGoogleSql({
      scripts: Object.entries(generatedStatements()),
      queries: VIEW_CASES.map(({ name, sql }) => [name, withRelations(sql(qualified))]),
    });
  }, INSTALLING_TIMEOUT_MS);

  test('every statement parses', () => {
    expect(answer.faults).toEqual([]);
  });

  test.each(VIEW_CASES)('in every warehouse: $name', ({ name, rows }) => {
    expect(comparable(answer.rows[name] ?? [])).toEqual(comparable(rows));
  });
});
