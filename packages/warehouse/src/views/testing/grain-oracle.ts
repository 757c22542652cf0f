import { tableOfGrain } from '@traffic-events/slice';
import type { Grain } from '@traffic-events/slice';
import type { FixtureEntry, FixtureRow } from './view-fixture.ts';

export type Slice = Pick<FixtureRow, 'account_id' | 'event_date'>;
/** The grain at which a view reads a date of an account. */
export type GrainOf = (slice: Slice) => Grain;

/** The coarsest grain at which every table is held that is held at a finer one. */
export function grainsOf(
  tables: Readonly<Record<string, unknown>>,
  entries: readonly FixtureEntry[],
  sources: readonly { readonly table: string }[],
  grains: readonly Grain[],
): GrainOf {
  return (slice) => {
    const standing = (table: string, grain: Grain) => {
      const name = tableOfGrain(table, grain);
      return Object.hasOwn(tables, name) ? standingOf(name, slice, entries) : undefined;
    };
    const coarsest = grains.findLast((grain, index) => {
      if (index === 0) return true;
      const judged = sources.map(({ table }) => {
        const finer = grains.slice(0, index).map((other) => standing(table, other));
        const own = standing(table, grain);
        const isUsed = isHeld(own) && (isWholeEntry(own) || !finer.some(isWholeEntry));
        return { isUsed, isMissing: !isUsed && finer.some(isHeld) };
      });
      return judged.some(({ isUsed }) => isUsed) && !judged.some(({ isMissing }) => isMissing);
    });
    return coarsest ?? 'fine';
  };
}

function isHeld(entry: FixtureEntry | undefined): boolean {
  return entry !== undefined && entry.status !== 'missed';
}

/** The table whose slice is told of: the finest where there is none of the grain. */
export function tableAt(table: string, grain: Grain, entries: readonly FixtureEntry[]): string {
  const name = tableOfGrain(table, grain);
  return entries.some(({ stream }) => stream === name) ? name : table;
}

export function standingOf(
  table: string,
  row: Slice,
  entries: readonly FixtureEntry[],
): FixtureEntry | undefined {
  return entries
    .filter((entry) => entry.stream === table && isSameDay(entry, row))
    .filter(({ status }) => status !== 'kept_better' && status !== 'failed')
    .toSorted((one, other) => (one.recorded_at < other.recorded_at ? -1 : 1))
    .at(-1);
}

export function isWholeEntry(entry: FixtureEntry | undefined): boolean {
  return entry?.facts?.join() === 'true,true,false';
}

export function isSameDay(one: Slice, other: Slice): boolean {
  return one.account_id === other.account_id && one.event_date === other.event_date;
}
