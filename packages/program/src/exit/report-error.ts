import type { Logger } from '@traffic-events/client';

/** Says on standard error, to people, why a program ends. */
export function reportError(program: string, error: unknown): void {
  if (!isSaid(error)) process.stderr.write(`${program}: ${reasonOf(error)}\n`);
}

/** Says in the log, alike in every program, why it ends. */
export function logError(logger: Logger, error: unknown): void {
  if (!isSaid(error)) logger.error({ reason: reasonOf(error) }, 'run.failed');
}

/** Commander prints itself what is wrong with arguments. */
function isSaid(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
