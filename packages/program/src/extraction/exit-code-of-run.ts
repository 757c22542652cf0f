import { outcomeOf } from '@traffic-events/source';
import type { RunSummary } from '@traffic-events/source';

import { EXIT } from '../exit/exit-code.ts';
import type { ExitCode } from '../exit/exit-code.ts';

/** The exit code of a run that came to its end. */
export function exitCodeOfRun(summary: RunSummary): ExitCode {
  return EXIT[outcomeOf(summary)];
}
