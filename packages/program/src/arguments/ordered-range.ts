import { ConfigError } from '../config-error.ts';

interface EventDates {
  readonly from: string;
  readonly to: string;
}

/** The dates of `--from` and `--to`; ConfigError where no date is in between. */
export function orderedRange({ from, to }: EventDates): EventDates {
  if (from <= to) return { from, to };
  throw new ConfigError(
    `--from ${from} is after --to ${to}: no date is in between. Exchange them.`,
  );
}
