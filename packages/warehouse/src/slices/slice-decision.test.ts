import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UNKNOWN_BUNDLE } from '@traffic-events/slice';
import type { LedgerRow, SliceMark } from '@traffic-events/slice';
import { decideSlice, heldCopy, isHolding } from './slice-decision.ts';

const facts = fc.record({
  complete: fc.boolean(),
  settled: fc.boolean(),
  suspect: fc.boolean(),
  rows: fc.nat(3),
  clicks: fc.option(fc.nat(20), { nil: null }),
  createdAt: fc.nat(5),
});
type Facts = typeof facts extends fc.Arbitrary<infer T> ? T : never;

function delivered(id: string, given: Facts): [SliceMark, LedgerRow] {
  const slice = { stream: 's', account_id: 'a', event_date: '2026-01-05' };
  const { complete, settled, suspect } = given;
  const common = { ...slice, execution_id: id, row_count: given.rows, complete, settled, suspect };
  const ledger: LedgerRow = {
    ...common,
    extraction_id: id,
    marketplace: 'DE',
    status: settled && complete && !suspect ? 'settled' : 'open',
    workflow_id: null,
    create_time: new Date(Date.UTC(2026, 0, 9) + given.createdAt).toISOString(),
    sums: { clicks: given.clicks === null ? null : String(given.clicks) },
    suppressed_share: null,
    fingerprint: 'f',
    raw_sha256: null,
    reason: null,
    run_id: 'r',
    recorded_at: '2026-01-09T00:00:00Z',
  };
  return [common, ledger];
}

test('through any order of copies the held one is that which was applied last', () => {
  fc.assert(
    fc.property(fc.array(facts, { minLength: 1, maxLength: 8 }), (copies) => {
      const rows: LedgerRow[] = [];
      let applied = '';
      copies.forEach((copy, index) => {
        const { outcome, ledger } = decideSlice(...delivered(`e${index}`, copy), rows);
        rows.push(ledger);
        if (outcome.kind === 'applied') applied = `e${index}`;
        else expect(ledger).toMatchObject({ status: 'kept_better', reason: outcome.reason });
        expect(isHolding(ledger.status)).toBe(outcome.kind === 'applied');
        expect(heldCopy(rows, 'clicks')?.executionId).toBe(applied);
      });
    }),
  );
});

test('the same copy again is applied again, and a suspect one leaves its slice open', () => {
  const plain = {
    complete: true,
    settled: true,
    suspect: false,
    rows: 1,
    clicks: 10,
    createdAt: 1,
  };
  const partial = { ...plain, complete: false };
  const first = decideSlice(...delivered('e1', partial), []);
  expect(decideSlice(...delivered('e1', partial), [first.ledger]).outcome.kind).toBe('applied');
  const small = decideSlice(...delivered('e2', { ...plain, clicks: 1 }), [first.ledger]);
  expect(small).toMatchObject({
    outcome: { kind: 'applied' },
    ledger: { status: 'open', suspect: true },
  });
});

test('a copy of another definition replaces by rank: its sums are not compared with those held', () => {
  const before = {
    complete: true,
    settled: true,
    suspect: false,
    rows: 10,
    clicks: 10,
    createdAt: 1,
  };
  const { ledger: held } = decideSlice(...delivered('e1', before), []);
  const decide = (given: Partial<Facts>) => {
    const [mark, ledger] = delivered('e2', { ...before, clicks: 1, createdAt: 2, ...given });
    return decideSlice(mark, { ...ledger, fingerprint: 'g' }, [held]).outcome;
  };
  expect(decide({})).toEqual({ kind: 'applied' });
  expect(decide({ settled: false })).toMatchObject({ kind: 'kept_better', suspect: false });
  expect(decide({ rows: 0 })).toMatchObject({ kind: 'kept_better', suspect: true });
});

test('what spoke against a copy from the start is why it is kept out', () => {
  const good = { complete: true, settled: false, suspect: false, rows: 1, clicks: 1, createdAt: 1 };
  const [, held] = delivered('e1', good);
  const [mark, ledger] = delivered('e2', { ...good, complete: false, suspect: true, rows: 0 });
  const reasonBeside = (row: Partial<LedgerRow>) =>
    decideSlice(mark, { ...ledger, ...row }, [held]).ledger.reason;
  expect(reasonBeside({ reason: 'no file was listed' })).toBe(
    'no file was listed; the copy of execution e1 is kept',
  );
  expect(reasonBeside({ reason: 'as before', status: 'kept_better' })).not.toContain('as before');
  const told = 'no file was listed; the copy of execution e1 is kept';
  expect(reasonBeside({ reason: told, status: 'kept_better' })).toBe(told);
});

test('a copy of the same definition under a former fingerprint is compared by its sum', () => {
  const before = {
    complete: true,
    settled: true,
    suspect: false,
    rows: 10,
    clicks: 10,
    createdAt: 1,
  };
  const { ledger: held } = decideSlice(...delivered('e1', before), []);
  const [mark, ledger] = delivered('e2', { ...before, clicks: 1, createdAt: 2 });
  const state = { since: '2026-01-01', bookmark: null, tail: {}, in_flight: [] };
  const renamed = { ...state, fingerprint: 'g', renamed: { f: 'g' } };
  const change = { stream: mark.stream, accountId: mark.account_id, state: renamed };
  expect(
    decideSlice(mark, { ...ledger, fingerprint: 'g' }, [held], [change]).outcome,
  ).toMatchObject({ kind: 'kept_better', suspect: true });
});

test('a copy that is as good as can be, and whose slice is open, waits for the proof of its bundle', () => {
  const well = { complete: true, settled: true, suspect: false, rows: 1, clicks: 1, createdAt: 1 };
  const [, ledger] = delivered('e', well);
  const waiting: LedgerRow = { ...ledger, extraction_id: 'e:s', status: 'open' };
  const closing: LedgerRow = { ...ledger, extraction_id: 'close:s:a:2026-01-05' };
  expect(heldCopy([waiting], 'clicks')).toMatchObject({ executionId: 'e', bundle: UNKNOWN_BUNDLE });
  expect(heldCopy([waiting, closing], 'clicks')).not.toHaveProperty('bundle');
  expect(heldCopy([ledger], 'clicks')).not.toHaveProperty('bundle');
});
