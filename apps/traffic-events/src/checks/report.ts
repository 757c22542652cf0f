import type { ExitCode } from '@traffic-events/program';
import { wrappedText } from '../wrapped-text.ts';
import type { CheckResult, Outcome } from './check-result.ts';

const WORDS: Readonly<Record<Outcome, string>> = { ok: 'ok', warning: 'warning', failed: 'NOT OK' };
const MARGIN = ' '.repeat(9);

/** For people: a line for each check, wrapped where the terminal ends, and what to do below it. */
export function checkTable(results: readonly CheckResult[], width = Infinity): string {
  return results
    .flatMap(({ what, outcome, detail, next }) => {
      const [first = '', ...more] = detail.split('\n');
      return [
        wrappedText(
          `${WORDS[outcome].padEnd(MARGIN.length)}${what}: ${first}`,
          width,
          MARGIN.length,
        ),
        ...more.map((line) => wrappedText(`${MARGIN}${line}`, width)),
        ...(next === null ? [] : [wrappedText(`${MARGIN}next: ${next}`, width)]),
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
