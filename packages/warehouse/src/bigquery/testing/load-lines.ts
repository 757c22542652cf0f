import { loadOutcome } from '../../testing/load-outcome.ts';
import type { LoadOutcome } from '../../testing/load-outcome.ts';
import { loadMessages } from '../bigquery-target.ts';
import type { BigQueryTargetOptions } from '../bigquery-target.ts';

type Options = Partial<BigQueryTargetOptions> & Pick<BigQueryTargetOptions, 'connection'>;

/** Loads messages as a target would; tells also of a failed load what was passed on. */
export function loadLines(
  lines: readonly string[] | Buffer,
  options: Options,
): Promise<LoadOutcome> {
  return loadOutcome(lines, (input, watch) => loadMessages(input, { ...watch, ...options }));
}
