import { dataSources } from '../data-sources/data-sources.ts';
import { effectiveThreshold } from '../data-sources/data-source.ts';
import type { DataSource } from '../data-sources/data-source.ts';
import { SqlRefusedError } from '../errors/sql-refused-error.ts';
import { describePosition, lexSql } from './sql-lexer.ts';
import type { SqlToken } from './sql-lexer.ts';

export type SqlRule =
  | 'syntax'
  | 'empty'
  | 'several_statements'
  | 'not_a_query'
  | 'select_star'
  | 'limit'
  | 'order_by'
  | 'right_join'
  | 'concat_operator'
  | 'high_threshold'
  | 'summed_average';

/** What is wrong (`error`: certain to be refused) or doubtful (`warning`: lore of the sibling API). */
export interface SqlFinding {
  readonly severity: 'error' | 'warning';
  readonly rule: SqlRule;
  /** Names the place and what to write instead. */
  readonly message: string;
}

/** Findings of a query, errors first; none for one that looks good. Never throws. */
export function lintSql(sql: string): SqlFinding[] {
  let tokens: SqlToken[];
  try {
    tokens = lexSql(sql);
  } catch (error) {
    return [{ severity: 'error', rule: 'syntax', message: (error as Error).message }];
  }
  if (tokens.length === 0) {
    return [{ severity: 'error', rule: 'empty', message: 'The SQL is empty; write a SELECT' }];
  }
  const query = new Query(sql, tokens);
  return [
    ...statementErrors(query),
    ...starErrors(query),
    ...clauseWarnings(query),
    ...thresholdWarnings(query),
    ...averageWarnings(query),
  ];
}

/** Throws SqlRefusedError with every certain error of the query. */
export function checkSql(sql: string): void {
  const errors = lintSql(sql).filter(({ severity }) => severity === 'error');
  if (errors.length === 0) return;
  throw new SqlRefusedError(errors.map(({ message }) => message).join('. '));
}

/** Tokens with what the rules ask of them. */
class Query {
  readonly tokens: readonly SqlToken[];
  /** Tables of the catalog that are read anywhere. */
  readonly tables: readonly DataSource[];
  readonly #sql: string;
  /** For each token, the index of the parenthesis around it; -1 at the top. */
  readonly #parents: readonly number[];

  constructor(sql: string, tokens: readonly SqlToken[]) {
    this.#sql = sql;
    this.tokens = tokens;
    this.#parents = parentsOf(tokens);
    const words = new Set(tokens.map(({ text }) => text.toLowerCase()));
    this.tables = dataSources.filter(({ name }) => words.has(name));
  }

  /** The word at `index` in capitals; a symbol as it is; empty beyond the ends. */
  at(index: number): string {
    const token = this.tokens[index];
    if (token === undefined) return '';
    return token.kind === 'word' || token.kind === 'symbol' ? token.text.toUpperCase() : '';
  }

  /** Whether the token stands directly in a query, not in the arguments of a function or OVER. */
  isClause(index: number): boolean {
    const parent = this.#parents[index] ?? -1;
    return parent === -1 || ['SELECT', 'WITH'].includes(this.at(parent + 1));
  }

  sameLevel(one: number, other: number): boolean {
    return this.#parents[one] === this.#parents[other];
  }

  place(index: number): string {
    return describePosition(this.#sql, this.tokens[index]?.start ?? 0);
  }

  indexes(...words: readonly string[]): number[] {
    return this.tokens.flatMap((_, index) =>
      words.every((word, offset) => this.at(index + offset) === word) ? [index] : [],
    );
  }
}

function parentsOf(tokens: readonly SqlToken[]): number[] {
  const open: number[] = [];
  return tokens.map(({ kind, text }, index) => {
    if (kind === 'symbol' && text === ')') open.pop();
    const parent = open.at(-1) ?? -1;
    if (kind === 'symbol' && text === '(') open.push(index);
    return parent;
  });
}

function statementErrors(query: Query): SqlFinding[] {
  const findings: SqlFinding[] = [];
  let first = 0;
  while (query.at(first) === '(') first += 1;
  if (!['SELECT', 'WITH'].includes(query.at(first))) {
    const word = query.tokens[first]?.text ?? '';
    findings.push({
      severity: 'error',
      rule: 'not_a_query',
      message: `The SQL begins with ${JSON.stringify(word)} at ${query.place(first)}; the API runs queries only, begin with SELECT or WITH`,
    });
  }
  const end = query.indexes(';')[0];
  if (end !== undefined && end < query.tokens.length - 1) {
    findings.push({
      severity: 'error',
      rule: 'several_statements',
      message: `The SQL goes on after the semicolon at ${query.place(end)}; send one statement`,
    });
  }
  return findings;
}

function starErrors(query: Query): SqlFinding[] {
  const withNames = new Set(query.indexes('AS', '(').map((index) => query.at(index - 1)));
  return query.indexes('*').flatMap((star): SqlFinding[] => {
    const isItem =
      BEFORE_ITEM.has(query.at(star - 1)) && [',', 'FROM', ''].includes(query.at(star + 1));
    if (!isItem || readsSubquery(query, star, withNames)) return [];
    return [
      {
        severity: 'error',
        rule: 'select_star',
        message: `SELECT * at ${query.place(star)} is refused on tables; name the columns`,
      },
    ];
  });
}

const BEFORE_ITEM = new Set(['SELECT', 'ALL', 'DISTINCT', ',']);

/** Whether the FROM behind a star reads a subquery, named or not, where a star may work. */
function readsSubquery(query: Query, star: number, names: ReadonlySet<string>): boolean {
  const from = query.indexes('FROM').find((at) => at > star && query.sameLevel(at, star));
  if (from === undefined) return false;
  const source = query.at(from + 1);
  return source === '(' || names.has(source);
}

function clauseWarnings(query: Query): SqlFinding[] {
  const warn = (rule: SqlRule, indexes: readonly number[], advice: string) =>
    indexes.map((index): SqlFinding => ({
      severity: 'warning',
      rule,
      message: `${advice} (${query.place(index)})`,
    }));
  const clauses = (...words: readonly string[]) =>
    query.indexes(...words).filter((index) => query.isClause(index));
  return [
    ...warn('limit', clauses('LIMIT'), 'LIMIT is not supported by the sibling API; leave it out'),
    ...warn(
      'order_by',
      clauses('ORDER', 'BY'),
      'ORDER BY is supported inside OVER only; sort the result instead',
    ),
    ...warn(
      'right_join',
      [...query.indexes('RIGHT', 'JOIN'), ...query.indexes('RIGHT', 'OUTER', 'JOIN')],
      'RIGHT JOIN is not supported by the sibling API; turn it into a LEFT JOIN',
    ),
    ...warn(
      'concat_operator',
      query.indexes('||'),
      'The operator || is refused by the sibling API; use CONCAT',
    ),
  ];
}

const END_OF_GROUP_BY = new Set(['HAVING', 'WINDOW', 'UNION', 'ORDER', 'LIMIT', ')', ';']);

function thresholdWarnings(query: Query): SqlFinding[] {
  return query.indexes('GROUP', 'BY').flatMap((group) => {
    const findings: SqlFinding[] = [];
    for (let index = group + 2; index < query.tokens.length; index += 1) {
      if (END_OF_GROUP_BY.has(query.at(index)) && query.sameLevel(index, group)) break;
      const found = findColumn(query, index);
      if (found === undefined || found.column.role !== 'dimension') continue;
      const threshold = effectiveThreshold(found.column);
      if (threshold === 'NONE' || threshold === 'LOW') continue;
      findings.push({
        severity: 'warning',
        rule: 'high_threshold',
        message: `${found.table.name}.${found.column.name} in GROUP BY needs ${threshold} (100 users) in every row; group by a dimension of threshold LOW where one will do (${query.place(index)})`,
      });
    }
    return findings;
  });
}

function averageWarnings(query: Query): SqlFinding[] {
  return query.indexes('SUM', '(').flatMap((sum): SqlFinding[] => {
    const qualified = query.at(sum + 3) === '.';
    const found = findColumn(query, qualified ? sum + 4 : sum + 2);
    if (found?.column.additive !== false) return [];
    return [
      {
        severity: 'warning',
        rule: 'summed_average',
        message: `${found.table.name}.${found.column.name} is an average per event; its sum means nothing, leave it out (${query.place(sum)})`,
      },
    ];
  });
}

function findColumn(query: Query, index: number) {
  const name = query.at(index).toLowerCase();
  for (const table of query.tables) {
    const column = table.columns.find((candidate) => candidate.name === name);
    if (column !== undefined) return { table, column };
  }
  return undefined;
}
