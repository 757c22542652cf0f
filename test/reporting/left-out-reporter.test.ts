import { expect, it } from 'vitest';
import { leftOutLines } from './left-out-reporter.ts';

it('names each file of which tests were left out, and how to run them', () => {
  const lines = leftOutLines([
    { file: 'test/slow.test.ts', tests: 2 },
    { file: 'test/quick.test.ts', tests: 0 },
    { file: 'packages/client/some.test.ts', tests: 1 },
  ]);
  expect(lines.join('\n')).toBe(
    `Left out of this run: 3 tests, since they take minutes or since something is missing here:
  packages/client/some.test.ts (1)
  test/slow.test.ts (2)
All of them: CI=true npm test, which fails where something is missing.
`,
  );
});

it('is silent where nothing was', () => {
  expect(leftOutLines([{ file: 'test/quick.test.ts', tests: 0 }])).toEqual([]);
});
