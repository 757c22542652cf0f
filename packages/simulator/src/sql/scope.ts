import type { Threshold } from '@traffic-events/client';
import { column } from './build.ts';
import { Rejection } from './rejection.ts';
import type { ColumnReference } from './syntax-tree.ts';
import { manyUsers, noUsers, oneUser, unionOfUsers } from './users.ts';
import type { Users } from './users.ts';

/** Hidden columns that carry the users of a row. No column of the catalog begins like this. */
export const ROW_USER = '__user';
export const ROW_USERS = '__users';
/** Hidden column that tells the branches of the final union apart, by number. */
export const ROW_BRANCH = '__branch';
export const ownUsersName = (position: number) => `__users_${position}`;

/** A column that a relation offers, and what is known of where it came from. */
export interface Column {
  readonly name: string;
  readonly metric: boolean;
  readonly threshold: Threshold;
  /** Of an item that is the same in every row: whether it is NULL, or a text. */
  readonly constant?: 'null' | 'text' | undefined;
  /** Hidden column with the users behind this one, where it is an aggregate. */
  readonly ownUsers?: string;
}

/** What a table, a common table or a subquery offers to the query that reads it. */
export interface Shape {
  readonly columns: readonly Column[];
  readonly users: Users['kind'];
}

export interface Relation extends Shape {
  readonly alias: string;
  /** Name of the clean room's table, where it is one. */
  readonly sourceTable?: string;
}

/** `shape` under the names of a column alias list, which may be shorter. */
export function renamed(shape: Shape, names: readonly string[]): Shape {
  const columns = shape.columns.map((each, index) => ({
    ...each,
    name: names[index] ?? each.name,
  }));
  return { ...shape, columns };
}

export interface ResolvedColumn {
  readonly relation: Relation;
  readonly column: Column;
}

/** The relations of a FROM clause; `outer` is the query around a correlated subquery. */
export class Scope {
  readonly relations: readonly Relation[];
  readonly #outer: Scope | undefined;

  constructor(relations: readonly Relation[], outer?: Scope) {
    this.relations = relations;
    this.#outer = outer;
  }

  /** The column that `reference` names; undefined where it is none of a relation. */
  find(reference: ColumnReference): ResolvedColumn | undefined {
    const names = reference.column_names.map((name) => name.toLowerCase());
    const name = names.at(-1);
    const qualifier = names.length > 1 ? names.at(-2) : undefined;
    for (const relation of this.relations) {
      if (qualifier !== undefined && relation.alias.toLowerCase() !== qualifier) continue;
      const found = relation.columns.find((candidate) => candidate.name.toLowerCase() === name);
      if (found !== undefined) return { relation, column: found };
    }
    return this.#outer?.find(reference);
  }

  /** Throws when `reference` names a column of no relation, here or around. */
  check(reference: ColumnReference): void {
    if (this.find(reference) !== undefined) return;
    const tables = this.relations.map((relation) => relation.alias).join(', ');
    throw new Rejection(
      `Column '${reference.column_names.join('.')}' not found in any table (${tables})`,
    );
  }

  /** The users behind a row of the joined relations. */
  rowUsers(): Users {
    return unionOfUsers(this.relations.map(usersOf));
  }
}

/** The users behind the value of `found`: its own where it is an aggregate, else its row's. */
export function usersBehind(found: ResolvedColumn): Users {
  const { relation, column: inner } = found;
  if (inner.ownUsers === undefined) return usersOf(relation);
  return manyUsers(column(relation.alias, inner.ownUsers));
}

function usersOf(relation: Relation): Users {
  if (relation.users === 'none') return noUsers;
  if (relation.users === 'one') return oneUser(column(relation.alias, ROW_USER));
  return manyUsers(column(relation.alias, ROW_USERS));
}
