import Table from 'cli-table3';

/** Totals of one event date, summed over the demo's accounts. Cost is in millicents. */
export interface DateTotals {
  readonly impressions: bigint;
  readonly clicks: bigint;
  readonly cost: bigint;
}

/** What the demo ends with: the warehouse beside what the API could still answer. */
export interface DemoResult {
  readonly dates: readonly string[];
  /** Event dates that are whole in the warehouse. */
  readonly warehouseDates: number;
  /** Event dates that the API could still answer whole, at the end. */
  readonly apiDates: number;
  readonly rows: bigint;
  readonly warehouse: DateTotals;
  readonly api: DateTotals;
  /** Event dates on which impressions, clicks or cost differ from the truth. */
  readonly differences: readonly string[];
}

/** The object that `--json` prints as the last line. */
export function demoJson(result: DemoResult): string {
  return JSON.stringify({
    warehouse_dates: result.warehouseDates,
    api_dates: result.apiDates,
    rows: Number(result.rows),
    impressions: Number(result.warehouse.impressions),
    clicks: Number(result.warehouse.clicks),
    differences: result.differences.length,
  });
}

/** The table for people, and below it what it means. */
export function demoTable(result: DemoResult): string {
  const table = new Table({
    head: ['', 'in the warehouse', 'the API could still answer'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  const total = result.dates.length;
  table.push(
    [
      'event dates, whole',
      `${result.warehouseDates} of ${total}`,
      `${result.apiDates} of ${total}`,
    ],
    ['rows', count(result.rows), ''],
    ['impressions', count(result.warehouse.impressions), count(result.api.impressions)],
    ['clicks', count(result.warehouse.clicks), count(result.api.clicks)],
    ['cost', money(result.warehouse.cost), money(result.api.cost)],
  );
  return `${table.toString()}\n${verdict(result)}\n`;
}

function verdict(result: DemoResult): string {
  const { dates, differences } = result;
  if (differences.length === 0) {
    return `Impressions, clicks and cost equal the simulator's own truth on every one of the ${dates.length} dates (${dates[0]} to ${dates.at(-1)}).`;
  }
  return `DIFFERENT from the simulator's own truth on ${differences.length} of ${dates.length} dates: ${differences.join(', ')}.`;
}

function count(value: bigint): string {
  return value.toLocaleString('en-US');
}

const MILLICENTS = 100_000;

function money(millicents: bigint): string {
  return (Number(millicents) / MILLICENTS).toLocaleString('en-US', {
    style: 'currency',
    currency: 'EUR',
  });
}
