import type { ExitCode } from '@traffic-events/program';
import type { CheckResult, Outcome } from './check-result.ts';

const WORDS: Readonly<Record<Outcome, string>> = { ok: 'ok', warning: 'warning', failed: 'NOT OK' };
const MARGIN = ' '.repeat(9);

/** For people: a line for each check, wrapped where the terminal ends, and what to do below it. */
export function checkTable(results: readonly CheckResult[], width = Infinity): string {
  return results
    .flatMap(({ what, outcome, detail, next }) => {
      const [first = '', ...more] = detail.split('\n');
      return [
        ...wrapped(`${WORDS[outcome].padEnd(MARGIN.length)}${what}: ${first}`, width),
        ...more.flatMap((line) => wrapped(`${MARGIN}${line}`, width)),
        ...(next === null ? [] : wrapped(`${MARGIN}next: ${next}`, width)),
      ];
    })
    .join('\n');
}

/** `--json`, whole. */
export function checkReport(results: readonly CheckResult[], exitCode: ExitCode) {
  return {
    ok: results.every(({ outcome }) => outcome !== 'failed'),
    exit_code: exitCode,
    checks: results.map(({ what, outcome, detail, next }) => ({
      check: what,
      outcome,
      detail,
      next,
    })),
  };
}

/** Breaks a line at blanks, what follows below the text of the first. */
function wrapped(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const at = line.lastIndexOf(' ', width);
  if (at <= MARGIN.length) return [line];
  return [line.slice(0, at), ...wrapped(`${MARGIN}${line.slice(at + 1)}`, width)];
}
