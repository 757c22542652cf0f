import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { SqlRefusedError } from '../errors/sql-refused-error.ts';
import { flattenSql } from './flatten-sql.ts';
import { lexSql } from './sql-lexer.ts';

describe('flattenSql', () => {
  it.each([
    ['SELECT a,\n\tSUM(b)\r\nFROM t', 'SELECT a, SUM(b) FROM t'],
    ['SELECT a -- the key\nFROM t', 'SELECT a FROM t'],
    ['SELECT a/* one\ntwo */FROM t', 'SELECT a FROM t'],
    [
      "SELECT '-- not a comment', '/* nor */', 'it''s  two  spaces'",
      "SELECT '-- not a comment', '/* nor */', 'it''s  two  spaces'",
    ],
    ['SELECT "a -- b", `c /* d`', 'SELECT "a -- b", `c /* d`'],
    ['  SELECT 1 - -1  \n', 'SELECT 1 - -1'],
    ['SELECT 1 -/**/-1', 'SELECT 1 - -1'],
    ["SELECT '\\'", "SELECT '\\'"],
    ['SELECT 1 -- end', 'SELECT 1'],
    ['', ''],
  ])('%j becomes %j', (sql, flat) => {
    expect(flattenSql(sql)).toBe(flat);
  });

  it.each([
    ["SELECT 'a", 'The string that begins at line 1, column 8 of the SQL never ends; close it'],
    [
      'SELECT\n "a',
      'The quoted name that begins at line 2, column 2 of the SQL never ends; close it',
    ],
    ['SELECT /* a', 'The comment that begins at line 1, column 8 of the SQL never ends; close it'],
    [
      "SELECT\n'a\nb'",
      'The string at line 2, column 1 of the SQL holds a line break or a tab, which the API does not take; write it without',
    ],
  ])('refuses %j', (sql, message) => {
    expect(() => flattenSql(sql)).toThrow(message);
  });
});

const gap = fc
  .array(
    fc.constantFrom(' ', '\n', '\t', '\r\n', '-- a \'comment\' "here"\n', '/* and;\nhere */'),
    { minLength: 1, maxLength: 3 },
  )
  .map((parts) => ` ${parts.join('')}`);
const token = fc.oneof(
  fc.constantFrom('SELECT', 'FROM', 'a_1', 'ünï', '1.5e-3', '42', '.5', '||', '<=', '<>', '::'),
  fc.constantFrom('-', '/', '*', '(', ')', ',', '.', ';', '=', '+', ':'),
  fc
    .string({ maxLength: 8 })
    .map((text) => `'${text.replaceAll("'", "''").replaceAll(/\s/g, ' ')}'`),
  fc
    .string({ maxLength: 8 })
    .map((text) => `"${text.replaceAll('"', '""').replaceAll(/\s/g, ' ')}"`),
);

const tokensOf = (sql: string) => lexSql(sql).map(({ kind, text }) => [kind, text]);

it('keeps the tokens of any SQL, on one line', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(gap, token)), (parts) => {
      const sql = parts.flat().join('');
      const flat = flattenSql(sql);
      expect(flat).not.toMatch(/[\n\r\t]/);
      expect(tokensOf(flat)).toStrictEqual(tokensOf(sql));
      expect(tokensOf(flat).map(([, text]) => text)).toStrictEqual(parts.map(([, text]) => text));
    }),
    { numRuns: 1_000 },
  );
});

it('keeps the tokens of any text, or refuses it', () => {
  const unit = fc.constantFrom("'", '"', '`', '-', '/', '*', '\n', '\t', ' ', 'a', '1', '.', ';');
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 14 }), (sql) => {
      let flat: string;
      try {
        flat = flattenSql(sql);
      } catch (error) {
        expect(error).toBeInstanceOf(SqlRefusedError);
        return;
      }
      expect(flat).not.toMatch(/[\n\r\t]/);
      expect(tokensOf(flat)).toStrictEqual(tokensOf(sql));
      expect(flattenSql(flat)).toBe(flat);
    }),
    { numRuns: 5_000 },
  );
});
