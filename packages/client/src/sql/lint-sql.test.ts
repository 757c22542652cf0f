import { describe, expect, it } from 'vitest';

import { checkSql, lintSql } from './lint-sql.ts';

const rules = (sql: string) => lintSql(sql).map(({ severity, rule }) => `${severity} ${rule}`);

describe('lintSql', () => {
  it.each([
    'SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign',
    'WITH a AS (SELECT campaign, SUM(clicks) AS c FROM dsp_clicks GROUP BY campaign) SELECT * FROM a',
    'SELECT COUNT(*) FROM dsp_views',
    'SELECT * FROM (SELECT SUM(clicks) AS clicks FROM dsp_clicks) t',
    'SELECT a.b * c FROM t',
    'SELECT a * b, SUM(c) FROM t GROUP BY a * b;',
    'SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b) FROM t',
    'SELECT COLLECT(a ORDER BY b) FROM t',
    '(SELECT 1) UNION ALL (SELECT 2)',
    "SELECT 'LIMIT ORDER BY || RIGHT JOIN; DROP'",
    'SELECT RIGHT(campaign, 2), SUM(clicks) FROM dsp_clicks GROUP BY 1',
  ])('finds nothing in %s', (sql) => {
    expect(lintSql(sql)).toStrictEqual([]);
  });

  it.each([
    ['', 'error empty'],
    ['-- nothing\n', 'error empty'],
    ["SELECT 'a", 'error syntax'],
    ['CREATE TABLE x AS SELECT 1', 'error not_a_query'],
    ['insert into x select 1', 'error not_a_query'],
    ['SELECT 1; SELECT 2', 'error several_statements'],
    ['SELECT * FROM dsp_clicks', 'error select_star'],
    ['SELECT DISTINCT * FROM dsp_clicks', 'error select_star'],
    ['SELECT a FROM (SELECT * FROM dsp_clicks)', 'error select_star'],
    ['SELECT clicks, * FROM dsp_clicks', 'error select_star'],
    ['SELECT *', 'error select_star'],
    ['SELECT a FROM t LIMIT 5', 'warning limit'],
    ['SELECT a FROM (SELECT a FROM t LIMIT 5)', 'warning limit'],
    ['SELECT a FROM t ORDER BY a', 'warning order_by'],
    ['SELECT a FROM t RIGHT JOIN u ON 1 = 1', 'warning right_join'],
    ['SELECT a FROM t RIGHT OUTER JOIN u ON 1 = 1', 'warning right_join'],
    ["SELECT a || 'b' FROM t", 'warning concat_operator'],
    ['SELECT event_date, SUM(events) FROM dsp_views GROUP BY event_date', 'warning high_threshold'],
    ['SELECT SUM(v.video_percentage_complete) FROM adserver_traffic v', 'warning summed_average'],
    ['SELECT SUM(video_percentage_complete) FROM adserver_traffic', 'warning summed_average'],
  ])('finds in %j: %s', (sql, finding) => {
    expect(rules(sql)).toStrictEqual([finding]);
  });

  it('says where, and what to write instead', () => {
    const sql = 'SELECT event_dt,\n  SUM(events)\nFROM dsp_views\nGROUP BY event_dt\nLIMIT 5';
    expect(lintSql(sql).map(({ message }) => message)).toStrictEqual([
      'LIMIT is not supported by the sibling API; leave it out (line 5, column 1)',
      'dsp_views.event_dt in GROUP BY needs MEDIUM (100 users) in every row; group by a dimension of threshold LOW where one will do (line 4, column 10)',
    ]);
  });
});

describe('checkSql', () => {
  it('throws for certain errors only, all of them', () => {
    expect(() => checkSql('SELECT a FROM t LIMIT 5')).not.toThrow();
    expect(() => checkSql('DROP TABLE x; SELECT * FROM t')).toThrow(
      'The SQL begins with "DROP" at line 1, column 1; the API runs queries only, begin with SELECT or WITH. The SQL goes on after the semicolon at line 1, column 13; send one statement. SELECT * at line 1, column 22 is refused on tables; name the columns',
    );
  });
});
