import { SqlRefusedError } from '../errors/sql-refused-error.ts';
import { describePosition, lexSql } from './sql-lexer.ts';
import type { SqlToken } from './sql-lexer.ts';

/**
 * The query on one line, as the API demands: comments dropped, runs of white space made one space,
 * strings and quoted names untouched. SqlRefusedError for a string that itself holds a line break
 * or a tab, which cannot be sent, and for a string or comment that never ends.
 */
export function flattenSql(sql: string): string {
  const tokens = lexSql(sql);
  for (const token of tokens) refuseBreaks(token, sql);
  return tokens
    .map(({ text, spaced }, index) => (spaced && index > 0 ? ` ${text}` : text))
    .join('');
}

function refuseBreaks(token: SqlToken, sql: string): void {
  const at = token.text.search(/[\n\r\t]/);
  if (at === -1) return;
  throw new SqlRefusedError(
    `The ${token.kind === 'string' ? 'string' : 'quoted name'} at ${describePosition(sql, token.start)} of the SQL holds a line break or a tab, which the API does not take; write it without`,
  );
}
