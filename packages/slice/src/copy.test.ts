import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareCopies, decideCopy, isSuspectBeside, type Copy } from './copy.ts';

const held: Copy = {
  executionId: 'held',
  createTimeMs: 1000,
  complete: true,
  settled: false,
  suspect: false,
  rowCount: 10,
  mainSum: '100',
};
const incoming = (over: Partial<Copy>): Copy => ({
  ...held,
  executionId: 'incoming',
  createTimeMs: 2000,
  ...over,
});

const copies = fc.record<Copy>({
  executionId: fc.string({ minLength: 1, maxLength: 3 }),
  createTimeMs: fc.integer({ min: 0, max: 5 }),
  complete: fc.boolean(),
  settled: fc.boolean(),
  suspect: fc.boolean(),
  rowCount: fc.integer({ min: 0, max: 3 }),
  mainSum: fc.option(fc.integer({ min: 0, max: 9 }).map(String)),
});

describe('ranking copies', () => {
  test('complete counts most, then not suspect, then settled, then createTime', () => {
    const ranked = [
      incoming({ complete: false, settled: true, createTimeMs: 9 }),
      incoming({ suspect: true, settled: true, createTimeMs: 8 }),
      incoming({ settled: false, createTimeMs: 7 }),
      incoming({ settled: true, createTimeMs: 1 }),
      incoming({ settled: true, createTimeMs: 2 }),
    ];
    expect(ranked.toReversed().sort(compareCopies)).toEqual(ranked);
  });

  test('is a total order', () => {
    fc.assert(
      fc.property(copies, copies, copies, (a, b, c) => {
        expect(Math.sign(compareCopies(a, b)) + Math.sign(compareCopies(b, a))).toBe(0);
        if (compareCopies(a, b) <= 0 && compareCopies(b, c) <= 0)
          expect(compareCopies(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('suspicion', () => {
  test.each<[string, Partial<Copy>, boolean]>([
    ['it says so itself', { suspect: true }, true],
    ['it is empty where a copy has rows', { rowCount: 0, mainSum: '0' }, true],
    ['its main sum is below half', { mainSum: '49' }, true],
    ['its main sum is half', { mainSum: '50' }, false],
    ['its main sum is unknown', { mainSum: null }, false],
    ['it is as large', {}, false],
  ])('when %s', (_, over, suspect) => {
    expect(isSuspectBeside(incoming(over), held)).toBe(suspect);
  });

  test('an empty copy beside an empty one is not suspect, nor is a first one', () => {
    expect(isSuspectBeside(incoming({ rowCount: 0 }), { ...held, rowCount: 0 })).toBe(false);
    expect(isSuspectBeside(incoming({ rowCount: 0 }), undefined)).toBe(false);
  });

  test('goes by sums of one definition only, and by emptiness across definitions', () => {
    const before = { ...held, fingerprint: 'before' };
    const other = { fingerprint: 'after', mainSum: '1' };
    expect(isSuspectBeside(incoming(other), before)).toBe(false);
    expect(isSuspectBeside(incoming({ ...other, fingerprint: 'before' }), before)).toBe(true);
    expect(isSuspectBeside(incoming({ ...other, rowCount: 0 }), before)).toBe(true);
  });
});

describe('deciding', () => {
  test('the first copy is applied, whatever it is', () => {
    expect(decideCopy(incoming({ complete: false, suspect: true }), undefined)).toEqual({
      apply: true,
      suspect: true,
    });
  });

  test.each<[Partial<Copy>, string]>([
    [{ complete: false }, 'part of it had expired; the copy of execution held is kept'],
    [
      { rowCount: 0, mainSum: '0' },
      'it is empty where 10 rows are held; the copy of execution held is kept',
    ],
    [{ mainSum: '49' }, 'its main sum 49 is below half of 100; the copy of execution held is kept'],
    [{ createTimeMs: 900 }, 'it is no newer; the copy of execution held is kept'],
  ])('%j is kept out, and says why', (over, reason) => {
    expect(decideCopy(incoming(over), held)).toMatchObject({ apply: false, reason });
  });

  test('a copy of another definition is applied by its rank, whatever it sums to', () => {
    const before = { ...held, fingerprint: 'before', settled: true };
    const after = { fingerprint: 'after', mainSum: '1' };
    expect(decideCopy(incoming({ ...after, settled: true }), before)).toEqual({
      apply: true,
      suspect: false,
    });
    expect(decideCopy(incoming(after), before)).toMatchObject({
      apply: false,
      reason: 'more could still arrive; the copy of execution held is kept',
    });
    expect(
      decideCopy(incoming({ ...after, settled: true, complete: false }), before),
    ).toMatchObject({
      apply: false,
      reason: 'part of it had expired; the copy of execution held is kept',
    });
    expect(decideCopy(incoming({ ...after, settled: true, rowCount: 0 }), before)).toMatchObject({
      apply: false,
      reason: 'it is empty where 10 rows are held; the copy of execution held is kept',
    });
  });

  test('an unsettled copy does not replace a settled one', () => {
    const decision = decideCopy(incoming({}), { ...held, settled: true });
    expect(decision).toMatchObject({
      apply: false,
      reason: 'more could still arrive; the copy of execution held is kept',
    });
  });

  test('a copy kept out without suspicion would close nothing that the one held leaves open', () => {
    fc.assert(
      fc.property(copies, copies, (a, b) => {
        const [kept, late] = [
          { ...a, executionId: 'kept' },
          { ...b, executionId: 'late' },
        ];
        const decision = decideCopy(late, kept);
        if (decision.apply || decision.suspect) return;
        if (late.complete && late.settled) {
          expect(kept).toMatchObject({ complete: true, settled: true, suspect: false });
        }
      }),
    );
  });

  test('in whatever order copies come, a better one that was applied is never lost', () => {
    fc.assert(
      fc.property(fc.array(copies, { minLength: 1, maxLength: 8 }), (sequence) => {
        const distinct = sequence.map((copy, index) => ({ ...copy, executionId: `e${index}` }));
        let kept: Copy | undefined;
        for (const copy of distinct) {
          const decision = decideCopy(copy, kept);
          if (!decision.apply) continue;
          const applied = { ...copy, suspect: decision.suspect };
          if (kept !== undefined) expect(compareCopies(applied, kept)).toBeGreaterThan(0);
          kept = applied;
        }
      }),
    );
  });
});
