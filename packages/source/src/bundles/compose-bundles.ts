import { createHash } from 'node:crypto';

import { dataSource, effectiveThreshold } from '@traffic-events/client';
import type { ColumnType, DataSourceColumn } from '@traffic-events/client';

import { aggregateBranches } from '../streams/aggregate-query.ts';
import type { AggregateBranch, AggregateSpec } from '../streams/aggregate-query.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { BundleColumns } from './bundle-columns.ts';

/** Column that says of each row of the answer which stream, in which definition, it is of. */
export const LABEL_COLUMN = 'bundle_branch';

/** A stream of a bundle. */
export interface BundleMember {
  readonly stream: AccountStream;
  readonly aggregate: AggregateSpec;
  /** `<stream>.<fingerprint>`: an answer splits without the configuration that made it. */
  readonly label: string;
}

/** Several streams of one account and date, asked for by one query. */
export interface Bundle {
  readonly members: readonly BundleMember[];
  readonly columns: BundleColumns;
  readonly sqlQuery: string;
}

/** What one query may be: AMC's limit of columns, the label and the flag among them. */
export interface BundleLimits {
  readonly columns: number;
  readonly branches: number;
  readonly sqlBytes: number;
  /** Streams, by what the service has refused; may be Infinity. */
  readonly members: number;
}

export const BUNDLE_LIMITS: BundleLimits = {
  columns: 100,
  branches: 100,
  sqlBytes: 256 * 1024,
  members: Infinity,
};

const SQL_TYPES: Readonly<Record<ColumnType, string>> = {
  STRING: 'VARCHAR',
  LONG: 'BIGINT',
  INTEGER: 'INTEGER',
  DECIMAL: 'DECIMAL(38, 17)',
  DOUBLE: 'DOUBLE',
  BOOLEAN: 'BOOLEAN',
  DATE: 'DATE',
  TIMESTAMP: 'TIMESTAMP',
};

/** Whether a stream can be a part of a bundle: built from a daily table, at any of its grains. */
export function isBundled({ aggregate, coarserThan, name }: StreamDefinition): boolean {
  return aggregate !== undefined && (coarserThan ?? name) === aggregate.dataSource;
}

/**
 * The bundles that ask for all of the streams: as few as the limits allow, the grains of a data
 * source always together, sources whose dimensions need many users by themselves.
 */
export function composeBundles(
  streams: readonly AccountStream[],
  limits: BundleLimits = BUNDLE_LIMITS,
): Bundle[] {
  const sources = Map.groupBy(streams.flatMap(memberOf), ({ aggregate }) => aggregate.dataSource);
  const kinds = Map.groupBy(sources.values(), thresholdOf);
  return [...kinds.values()].flatMap((groups) => packed(groups, limits));
}

/** The query of some streams together. */
export function bundleOf(members: readonly BundleMember[]): Bundle {
  const columns = new BundleColumns(members.map(({ aggregate }) => aggregate));
  const selects = members.flatMap((member) =>
    aggregateBranches(member.aggregate).map((branch) => selectOf(member, branch, columns)),
  );
  return { members, columns, sqlQuery: selects.join(' UNION ALL ') };
}

/** Tells bundles apart: a hash of what they ask for, 16 hexadecimal digits. */
export function bundleHash(members: readonly BundleMember[]): string {
  const hash = createHash('sha256');
  for (const { label } of members) hash.update(`${label}\n`);
  return hash.digest('hex').slice(0, 16);
}

function memberOf(stream: AccountStream): BundleMember[] {
  const { definition, fingerprint } = stream;
  const { aggregate } = definition;
  if (aggregate === undefined || !isBundled(definition)) return [];
  return [{ stream, aggregate, label: `${definition.name}.${fingerprint}` }];
}

/** The strictest threshold of dimensions is that of the table: a stream groups by the lowest. */
function thresholdOf(members: readonly BundleMember[]): string {
  const levels = members.flatMap(({ aggregate }) =>
    dataSource(aggregate.dataSource)
      .columns.filter(({ name }) => aggregate.dimensions.includes(name))
      .map(effectiveThreshold),
  );
  const isStrict = levels.some((level) => level !== 'NONE' && level !== 'LOW');
  return isStrict ? 'strict' : 'low';
}

/** Takes sources into a bundle for as long as they fit; one that fits nowhere stands alone. */
function packed(groups: readonly BundleMember[][], limits: BundleLimits): Bundle[] {
  const bundles: Bundle[] = [];
  for (const group of groups.flatMap((each) => inParts(each, limits.members))) {
    const former = bundles.at(-1);
    const together = former && bundleOf([...former.members, ...group]);
    if (together !== undefined && fits(together, limits)) bundles.splice(-1, 1, together);
    else bundles.push(bundleOf(group));
  }
  return bundles;
}

/** The grains of one source are parted only where the service takes no more. */
function inParts(group: readonly BundleMember[], members: number): BundleMember[][] {
  if (group.length <= members) return [[...group]];
  const count = Math.ceil(group.length / members);
  return Array.from({ length: count }, (_, at) => group.slice(at * members, (at + 1) * members));
}

function fits({ members, columns, sqlQuery }: Bundle, limits: BundleLimits): boolean {
  const branches = members.flatMap(({ aggregate }) => aggregateBranches(aggregate));
  return (
    columns.all.length + 2 <= limits.columns &&
    members.length <= limits.members &&
    branches.length <= limits.branches &&
    Buffer.byteLength(sqlQuery) <= limits.sqlBytes
  );
}

/** Foreign metrics are 0, which counts no users and is not blanked; foreign dimensions are NULL. */
function selectOf(
  { label, aggregate }: BundleMember,
  { values, from }: AggregateBranch,
  columns: BundleColumns,
): string {
  const { dataSource: source, dimensions } = aggregate;
  const own = new Map<string, string>();
  for (const name of dimensions) own.set(columns.nameOf(source, name), name);
  for (const [name, sql] of values) own.set(columns.nameOf(source, name), sql);
  const items = columns.all.map(({ name, column }) => {
    const sql = own.get(name) ?? nothing(column);
    return sql === name ? name : `${sql} AS ${name}`;
  });
  return `SELECT '${label}' AS ${LABEL_COLUMN}, ${items.join(', ')} ${from}`;
}

function nothing({ role, type }: DataSourceColumn): string {
  return role === 'metric' ? '0' : `CAST(NULL AS ${SQL_TYPES[type]})`;
}
