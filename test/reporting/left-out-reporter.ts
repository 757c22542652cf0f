import { relative } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/**
 * Ends a run by saying which tests it left out. A skipped test is a promise that nobody has tried:
 * whoever reads only the last lines must not take the run for all of them.
 */
export class LeftOutReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    // Who asks for tests by name knows that the others do not run.
    if (this.#vitest === undefined || this.#vitest.config.testNamePattern !== undefined) return;
    const { logger, config } = this.#vitest;
    const lines = leftOutLines(modules.map((module) => skippedIn(module, config.root)));
    if (lines.length > 0) logger.log(lines.join('\n'));
  }
}

interface Skipped {
  /** The file, as the repository names it. */
  readonly file: string;
  readonly tests: number;
}

function skippedIn({ moduleId, children }: TestModule, root: string): Skipped {
  return { file: relative(root, moduleId), tests: [...children.allTests('skipped')].length };
}

/** Nothing where nothing was left out. */
export function leftOutLines(modules: readonly Skipped[]): string[] {
  const skipped = modules.filter(({ tests }) => tests > 0);
  if (skipped.length === 0) return [];
  const tests = skipped.reduce((sum, module) => sum + module.tests, 0);
  const files = skipped.map(({ file, tests }) => `  ${file} (${tests})`).toSorted();
  return [
    `Left out of this run: ${tests} tests, since they take minutes or since something is missing here:`,
    ...files,
    'All of them: CI=true npm test, which fails where something is missing.',
    '',
  ];
}
