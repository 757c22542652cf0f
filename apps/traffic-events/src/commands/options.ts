import { isEventDate } from '@traffic-events/slice';
import { InvalidArgumentError, Option } from 'commander';

/** `--config`, alike in every command that reads it. */
export const configOption = () =>
  new Option('--config <file>', 'the configuration').default('traffic-events.yaml');

/** `--log-format`, alike in every command that logs. */
export const logFormatOption = () =>
  new Option('--log-format <format>', 'of standard error')
    .choices(['text', 'json'])
    .default('text');

/** For `--from` and `--to`. */
export function parseEventDate(text: string): string {
  if (isEventDate(text)) return text;
  throw new InvalidArgumentError('Expected a date, such as 2026-01-31.');
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000 } as const;

/** `90m`, `2h` or `45s`, in milliseconds. */
export function parseDurationMs(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)([smh])$/.exec(text) ?? [];
  if (amount !== undefined && unit !== undefined) {
    return Number(amount) * UNITS_MS[unit as keyof typeof UNITS_MS];
  }
  throw new InvalidArgumentError('Expected a duration, such as 90m or 2h.');
}

/** For options that may be given several times. */
export function collect(value: string, previous: readonly string[] = []): string[] {
  return [...previous, value];
}
