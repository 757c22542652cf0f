import { SqlRefusedError } from '../errors/sql-refused-error.ts';

export type SqlTokenKind = 'word' | 'number' | 'string' | 'quoted_name' | 'symbol';

export interface SqlToken {
  readonly kind: SqlTokenKind;
  /** As written. */
  readonly text: string;
  /** Offset of the first character. */
  readonly start: number;
  /** Whether white space or a comment stands before it. */
  readonly spaced: boolean;
}

const SPACE = /\s+/y;
const LINE_COMMENT = /--[^\n\r]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const PATTERNS: readonly (readonly [SqlTokenKind, RegExp])[] = [
  ['word', /[\p{L}_][\p{L}\p{N}_$]*/uy],
  ['number', /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y],
  ['string', /'(?:[^']|'')*'/y],
  ['quoted_name', /"(?:[^"]|"")*"|`(?:[^`]|``)*`/y],
  ['symbol', /\|\||<=|>=|<>|!=|::|=>|[^\s]/uy],
];
/** What a symbol must not start with: these open something that never ends. */
const OPENERS: Readonly<Record<string, string>> = {
  "'": 'string',
  '"': 'quoted name',
  '`': 'quoted name',
};

/** The tokens of a query; comments and white space are dropped, strings and quoted names kept whole. */
export function lexSql(sql: string): SqlToken[] {
  const tokens: SqlToken[] = [];
  let position = 0;
  while (position < sql.length) {
    const start = skipGap(sql, position);
    if (start >= sql.length) break;
    const token = tokenAt(sql, start, start > position);
    tokens.push(token);
    position = start + token.text.length;
  }
  return tokens;
}

/** `line 3, column 14`, both from 1. */
export function describePosition(sql: string, offset: number): string {
  const lines = sql.slice(0, offset).split(/\r\n|\r|\n/);
  return `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
}

function skipGap(sql: string, from: number): number {
  let position = from;
  for (;;) {
    const gap =
      match(SPACE, sql, position) ??
      match(LINE_COMMENT, sql, position) ??
      match(BLOCK_COMMENT, sql, position);
    if (gap === undefined) break;
    position += gap.length;
  }
  if (sql.startsWith('/*', position)) throw unfinished('comment', sql, position);
  return position;
}

function tokenAt(sql: string, start: number, spaced: boolean): SqlToken {
  for (const [kind, pattern] of PATTERNS) {
    const text = match(pattern, sql, start);
    if (text === undefined) continue;
    const opened = kind === 'symbol' ? OPENERS[text] : undefined;
    if (opened !== undefined) throw unfinished(opened, sql, start);
    return { kind, text, start, spaced };
  }
  throw unfinished('character', sql, start);
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function unfinished(what: string, sql: string, at: number): SqlRefusedError {
  return new SqlRefusedError(
    `The ${what} that begins at ${describePosition(sql, at)} of the SQL never ends; close it`,
  );
}
