/** Says on standard error why a program ends; commander has said so itself. */
export function reportError(program: string, error: unknown): void {
  const isSaid =
    error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
  if (isSaid) return;
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${program}: ${reason}\n`);
}
