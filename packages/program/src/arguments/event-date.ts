import { isEventDate } from '@traffic-events/slice';
import { InvalidArgumentError } from 'commander';

/** For `--from` and `--to`. */
export function parseEventDate(text: string): string {
  if (isEventDate(text)) return text;
  throw new InvalidArgumentError('expected a date, such as 2026-01-31.');
}
