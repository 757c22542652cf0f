import type { Simulator } from '@traffic-events/simulator';
import type { DateTotals } from './report.ts';

/** A source of one of the demo's accounts, as the warehouse has a table for it. */
export interface DemoSource {
  readonly account: string;
  readonly dataSource: 'dsp_impressions' | 'dsp_clicks' | 'sponsored_ads_traffic';
}

interface DateRange {
  readonly from: string;
  readonly to: string;
  /** Instant of which the truth is asked; the clock's by default. */
  readonly asOfMs?: number;
}

type Sums = Awaited<ReturnType<Simulator['truth']>>[number]['totals'];

/** What the simulator itself knows of each date, summed over the demo's streams. */
export interface TruthTotals {
  /** All events that have arrived, expired or not. */
  readonly byDate: ReadonlyMap<string, DateTotals>;
  /** Of those, what the API could still answer. */
  readonly answerable: DateTotals;
  /** Dates that the API could still answer whole. */
  readonly wholeDates: ReadonlySet<string>;
}

/** Asks the simulator for each source and adds the answers, date by date. */
export async function readTruth(
  simulator: Simulator,
  sources: readonly DemoSource[],
  range: DateRange,
): Promise<TruthTotals> {
  const byDate = new Map<string, DateTotals>();
  const brokenDates = new Set<string>();
  let answerable = NO_EVENTS;
  for (const source of sources) {
    for (const row of await simulator.truth({ ...source, ...range })) {
      const date = row.event_date;
      byDate.set(date, add(byDate.get(date) ?? NO_EVENTS, totalsOf(source, row.totals)));
      answerable = add(answerable, totalsOf(source, row.answerable));
      if (!row.whole) brokenDates.add(date);
    }
  }
  const wholeDates = new Set([...byDate.keys()].filter((date) => !brokenDates.has(date)));
  return { byDate, answerable, wholeDates };
}

/** The totals of a date without events, of which the warehouse has no rows. */
export const NO_EVENTS: DateTotals = { impressions: 0n, clicks: 0n, cost: 0n };

/** Clicks of DSP impressions are in dsp_clicks; sponsored ads have both in one source, and no cost. */
function totalsOf({ dataSource }: DemoSource, sums: Sums): DateTotals {
  return {
    impressions: BigInt(dataSource === 'dsp_clicks' ? 0 : (sums['impressions'] ?? 0)),
    clicks: BigInt(dataSource === 'dsp_impressions' ? 0 : (sums['clicks'] ?? 0)),
    cost: BigInt(dataSource === 'dsp_impressions' ? (sums['impression_cost'] ?? 0) : 0),
  };
}

/** Adds two totals, figure by figure. */
export function add(a: DateTotals, b: DateTotals): DateTotals {
  return {
    impressions: a.impressions + b.impressions,
    clicks: a.clicks + b.clicks,
    cost: a.cost + b.cost,
  };
}

/** Whether two totals are the same; a date without rows is a date without events. */
export function areEqual(a: DateTotals = NO_EVENTS, b: DateTotals = NO_EVENTS): boolean {
  return a.impressions === b.impressions && a.clicks === b.clicks && a.cost === b.cost;
}
