import { effectiveThreshold } from '@traffic-events/client';
import type { DataSource, DataSourceColumn, Threshold } from '@traffic-events/client';

const ORDER: readonly Threshold[] = ['NONE', 'LOW', 'MEDIUM', 'HIGH', 'VERY_HIGH'];
const TIME_COLUMN = /_(date|day|dt|dt_hour|hour)(_utc)?$/;

/** Every dimension of the lowest threshold that says more than when: the window gives the date. */
export function defaultDimensions(source: DataSource): string[] {
  const telling = source.columns.filter(
    ({ role, name }) => role === 'dimension' && !TIME_COLUMN.test(name),
  );
  const levels = telling.map((column) => ORDER.indexOf(effectiveThreshold(column)));
  const lowest = Math.min(...levels);
  return telling.filter((_, index) => levels[index] === lowest).map(({ name }) => name);
}

const CAMPAIGN: ReadonlySet<string> = new Set(['campaign', 'campaign_id']);

/** Definitions judge the same events: sums over several of them count an event once for each. */
const VIEW_DEFINITION = 'view_definition';

/** What names the campaign, and what no sum may leave out. */
export function campaignDimensions(source: DataSource): string[] {
  return defaultDimensions(source).filter((name) => CAMPAIGN.has(name) || name === VIEW_DEFINITION);
}

/** What no sum may leave out; in most tables nothing. */
export function accountDimensions(source: DataSource): string[] {
  return defaultDimensions(source).filter((name) => name === VIEW_DEFINITION);
}

/** Every metric that may be summed, `main` first. */
export function defaultMetrics(source: DataSource, main: string): string[] {
  const sums = source.columns.filter(isSum).map(({ name }) => name);
  return [main, ...sums.filter((name) => name !== main)];
}

function isSum({ role, additive }: DataSourceColumn): boolean {
  return role === 'metric' && additive !== false;
}
