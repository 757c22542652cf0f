import { tableOfGrain } from '@traffic-events/slice';
import type { Grain } from '@traffic-events/slice';
import { viewSources } from './daily-oracle.ts';
import type { DailyRow, Source } from './daily-oracle.ts';
import { grainsOf, isSameDay, isWholeEntry, standingOf, tableAt } from './grain-oracle.ts';
import type { Slice } from './grain-oracle.ts';
import type { FixtureEntry, FixtureRow } from './view-fixture.ts';

const GRAINS = ['fine', 'campaign', 'account'] as const;

/** The views of accounts as they should be, reckoned without their SQL. */
export function expectedAccounts(
  tables: Readonly<Record<string, readonly FixtureRow[]>>,
  entries: readonly FixtureEntry[],
): Readonly<Record<string, DailyRow[]>> {
  return Object.fromEntries(
    Object.entries(viewSources(tables)).map(([name, { sources }]) => {
      const grainOf = grainsOf(tables, entries, sources, GRAINS);
      const rows = datesOf(tables, entries, sources).map((slice) => ({
        account_id: slice.account_id,
        event_date: slice.event_date,
        grain: grainOf(slice),
        ...Object.assign(
          {},
          ...sources.map((source) => toldBy(source, slice, entries, grainOf(slice))),
        ),
      }));
      return [`${name}_account_daily`, rows];
    }),
  );
}

/** What the ledger knows of, and what is in tables that it does not know. */
function datesOf(
  tables: Readonly<Record<string, readonly FixtureRow[]>>,
  entries: readonly FixtureEntry[],
  sources: readonly Source[],
): Slice[] {
  const names = sources
    .flatMap(({ table }) => GRAINS.map((grain) => tableOfGrain(table, grain)))
    .filter((name) => Object.hasOwn(tables, name));
  const known = entries.filter(
    ({ stream, status }) =>
      names.includes(stream) && status !== 'kept_better' && status !== 'failed',
  );
  const held = names.flatMap((name) => tables[name] ?? []);
  const slices: readonly Slice[] = [...known, ...held];
  return slices.filter(
    (slice, index) => slices.findIndex((other) => isSameDay(slice, other)) === index,
  );
}

function toldBy(
  source: Source,
  slice: Slice,
  entries: readonly FixtureEntry[],
  grain: Grain,
): DailyRow {
  const { table, metrics } = source;
  const standing = standingOf(tableAt(table, grain, entries), slice, entries);
  const cells = metrics.flatMap((metric) => {
    const value = sumOf(source, slice, metric, grain, isWholeEntry(standing));
    const campaigns = sumOf(source, slice, metric, 'campaign', true);
    const [one, other] = (['campaign', 'account'] as const).map(
      (of) => standingOf(tableOfGrain(table, of), slice, entries)?.execution_id,
    );
    const isAlike = grain === 'account' && one !== undefined && one === other;
    const difference =
      isAlike && value !== null && campaigns !== null && isOfOne(source, slice)
        ? value - campaigns
        : null;
    return [
      [metric, value],
      [`${metric}_difference`, difference],
    ] as const;
  });
  return {
    ...Object.fromEntries(cells),
    [`${table}_status`]: standing?.status ?? null,
    [`${table}_is_whole`]: isWholeEntry(standing),
  };
}

function sumOf(
  { said, has }: Source,
  slice: Slice,
  metric: string,
  grain: Grain,
  isNoneKnown: boolean,
): number | null {
  const rows = said(grain).filter((row) => isSameDay(row, slice));
  if (rows.length === 0) return isNoneKnown && has(grain, metric) ? 0 : null;
  const cells = rows.map(({ sums }) => sums[metric] ?? null);
  return cells.includes(null) ? null : cells.reduce((sum: number, cell) => sum + Number(cell), 0);
}

/** Grains that are judged by two definitions tell different things. */
function isOfOne({ said, isOfDefinition }: Source, slice: Slice): boolean {
  if (!isOfDefinition) return true;
  const [one, other] = (['campaign', 'account'] as const).map((grain) =>
    said(grain)
      .filter((row) => isSameDay(row, slice))
      .map(({ definition }) => definition)
      .find((definition) => definition !== null),
  );
  return one !== undefined && one === other;
}
