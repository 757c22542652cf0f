import { loadOutcome } from '../../testing/load-outcome.ts';
import type { LoadOutcome } from '../../testing/load-outcome.ts';
import { loadMessages } from '../postgres-target.ts';
import type { PostgresTargetOptions } from '../postgres-target.ts';

type Options = Partial<PostgresTargetOptions> & Pick<PostgresTargetOptions, 'connection'>;

/** Loads messages as a target would; tells also of a failed load what was passed on. */
export function loadLines(
  lines: readonly string[] | Buffer,
  options: Options,
): Promise<LoadOutcome> {
  return loadOutcome(lines, (input, watch) => loadMessages(input, { ...watch, ...options }));
}
