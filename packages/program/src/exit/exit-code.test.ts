import { describe, expect, it } from 'vitest';

import { EXIT, gravestExitCode } from './exit-code.ts';

describe('the gravest of several exit codes', () => {
  it('is the first of 2, 3, 6, 4, 9, 8, 5, 7', () => {
    const order = [2, 3, 6, 4, 9, 8, 5, 7] as const;
    for (const [index, code] of order.entries()) {
      const graverAndLess = order.slice(index).toReversed();
      expect(gravestExitCode([0, ...graverAndLess])).toBe(code);
    }
  });

  it('is done where nothing went wrong', () => {
    expect(gravestExitCode([])).toBe(EXIT.done);
    expect(gravestExitCode([EXIT.done, EXIT.done])).toBe(EXIT.done);
  });
});
