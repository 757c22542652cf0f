import { as, call, column, integer, nullConstant, select, subqueryTable } from './build.ts';
import { ownUsersName, ROW_BRANCH, ROW_USER, ROW_USERS } from './scope.ts';
import type { Column, Shape } from './scope.ts';
import type { Expression, QueryNode } from './syntax-tree.ts';
import { manyUsers, usersOfGroup } from './users.ts';
import type { Users } from './users.ts';

/**
 * How the users of rows are to be delivered: not at all, as they are, as lists, as counts, as
 * counts up to 2, or as counts for rows and lists of contributions for aggregates.
 */
export type RowUsersForm = 'bare' | 'one' | 'many' | 'count' | 'few' | 'weighted';

export interface BuildRequest {
  readonly form: RowUsersForm;
  /** Output columns whose own users are wanted beside the row's. */
  readonly positions: readonly number[];
  /** Number of the first branch, where branches are to be told apart. */
  readonly branch?: number | undefined;
}

/**
 * A query that has been analysed. What it must carry is known only to whoever reads it (both
 * branches of a union carry the same), so it is built at their request.
 */
export interface PendingQuery {
  readonly columns: readonly Column[];
  readonly users: Users['kind'];
  /** Output columns that are aggregates and so have users of their own. */
  readonly positions: readonly number[];
  /** The columns of each branch, where it is a union that keeps its rows apart. */
  readonly branches: readonly (readonly Column[])[];
  build(request: BuildRequest): QueryNode;
}

/** The query as a table for another: its hidden columns carry the users. */
export function carried(pending: PendingQuery): { node: QueryNode; shape: Shape } {
  const bare = pending.users === 'none' && pending.positions.length === 0;
  const form = bare ? 'bare' : pending.users === 'one' ? 'one' : 'many';
  const columns = pending.columns.map((each, position) =>
    pending.positions.includes(position) ? { ...each, ownUsers: ownUsersName(position) } : each,
  );
  return {
    node: pending.build({ form, positions: pending.positions }),
    shape: { columns, users: bare ? 'none' : pending.users === 'one' ? 'one' : 'many' },
  };
}

/** The hidden items of a select list. */
export function hiddenItems(
  request: BuildRequest,
  rowUsers: Users,
  ownUsers: (position: number) => Users | undefined,
): Expression[] {
  if (request.form === 'bare') return [];
  const own = request.positions.map((position) =>
    as(ownUsersItem(request.form, ownUsers(position)), ownUsersName(position)),
  );
  if (request.form === 'one') return [...own, as(rowUsers.carried(), ROW_USER)];
  const branch = request.branch === undefined ? [] : [as(integer(request.branch), ROW_BRANCH)];
  return [...own, as(rowUsersItem(request.form, rowUsers), ROW_USERS), ...branch];
}

function rowUsersItem(form: RowUsersForm, users: Users): Expression {
  if (form === 'many') return users.list();
  return (form === 'few' ? users.few?.() : undefined) ?? users.count();
}

function ownUsersItem(form: RowUsersForm, users: Users | undefined): Expression {
  if (form === 'count') return users?.count() ?? nullConstant();
  if (form === 'few') return users?.few?.() ?? users?.count() ?? nullConstant();
  if (form !== 'weighted') return users?.list() ?? call('no_users', []);
  if (users === undefined) return call('no_contributions', []);
  return users.contributions?.() ?? call('equal_contributions', [users.list()]);
}

/** `pending` without repeated rows; a row's users are those of all the rows that it stands for. */
export function withoutRepetitions(pending: PendingQuery): PendingQuery {
  return {
    ...pending,
    users: 'many',
    branches: [pending.columns],
    build: (request) => distinctQuery(pending, request),
  };
}

function distinctQuery(pending: PendingQuery, request: BuildRequest): QueryNode {
  const table = '__distinct';
  const names = pending.columns.map((_, position) => `__c${position}`);
  const hidden = [...request.positions.map(ownUsersName), ROW_USERS];
  const inner = pending.build({ form: 'many', positions: request.positions });
  const groups = names.map((name) => column(table, name));
  const items = groups.map((group, position) => as(group, pending.columns[position]?.name ?? ''));
  const merged = (name: string) => usersOfGroup(manyUsers(column(table, name)));
  return select(
    [
      ...items,
      ...hiddenItems(request, merged(ROW_USERS), (position) => merged(ownUsersName(position))),
    ],
    subqueryTable(inner, table, [...names, ...hidden]),
    groups,
  );
}
