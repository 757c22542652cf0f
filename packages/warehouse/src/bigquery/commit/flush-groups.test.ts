import type { LedgerRow } from '@traffic-events/slice';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RUN, ledgerRow, partitionChange, sliceResult } from '../../testing/slice-fixtures.ts';
import type { Delivery } from '../../driver.ts';
import { DEFAULT_GROUP_LIMITS, groupSize, weightOf } from './flush-groups.ts';
import type { GroupLimits } from './flush-groups.ts';
import { deliveries } from '../testing/deliveries.ts';

const limits: fc.Arbitrary<GroupLimits> = fc.record({
  maxCharacters: fc.integer({ min: 300, max: 6000 }),
  maxRows: fc.integer({ min: 1, max: 40 }),
  maxBytes: fc.integer({ min: 400, max: 20_000 }),
});

const sizeOf = (waiting: readonly Delivery[], allowed: GroupLimits = DEFAULT_GROUP_LIMITS) =>
  groupSize(waiting.map(weightOf), allowed);

function groupsOf(all: readonly Delivery[], allowed: GroupLimits): Delivery[][] {
  const groups: Delivery[][] = [];
  for (let at = 0; at < all.length; at += groups.at(-1)?.length ?? 1) {
    groups.push(all.slice(at, at + sizeOf(all.slice(at), allowed)));
  }
  return groups;
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const rowsOf = ({ result, ledger }: Delivery) => [...ledger, ...(result ? [result.ledger] : [])];
const sliceOf = (row: LedgerRow) => `${row.stream} ${row.account_id} ${row.event_date}`;

/** The rules once more, in other words: by looking at the whole group. */
function mayGoTogether(group: readonly Delivery[], allowed: GroupLimits): boolean {
  if (group.length === 1) return true;
  return !group.some((_, index) => repeats(group, index)) && isWithin(group, allowed);
}

/** Whether one brings a slice, or writes a row, that an earlier one speaks of or writes. */
function repeats(group: readonly Delivery[], index: number): boolean {
  const own = group.slice(index, index + 1);
  const before = group.slice(0, index).flatMap(rowsOf);
  const spokenOf = new Set(before.map(sliceOf));
  const written = new Set(before.map((row) => row.extraction_id));
  return (
    own.some(({ result }) => result !== undefined && spokenOf.has(sliceOf(result.ledger))) ||
    own.flatMap(rowsOf).some((row) => written.has(row.extraction_id))
  );
}

function isWithin(group: readonly Delivery[], allowed: GroupLimits): boolean {
  const newest = new Map(
    group.flatMap(({ changes }) =>
      changes.map(({ stream, accountId, state }) => [
        `${stream} ${accountId}`,
        JSON.stringify([stream, accountId, state]).length,
      ]),
    ),
  );
  const characters = group.map((delivery) => JSON.stringify(rowsOf(delivery)).length);
  return (
    sum(group.map(({ result }) => result?.mark.row_count ?? 0)) <= allowed.maxRows &&
    sum(group.map(weightOf).map(({ bytes }) => bytes)) <= allowed.maxBytes &&
    sum([...characters, ...newest.values()]) <= allowed.maxCharacters
  );
}

test('flushes take what waits in its order, within the limits, and as much as they allow', () => {
  fc.assert(
    fc.property(deliveries, limits, (all, allowed) => {
      const groups = groupsOf(all, allowed);
      expect(groups.flat()).toEqual(all);
      groups.forEach((group, index) => {
        expect(mayGoTogether(group, allowed)).toBe(true);
        const next = groups[index + 1]?.[0];
        if (next !== undefined) expect(mayGoTogether([...group, next], allowed)).toBe(false);
      });
    }),
  );
});

const slice = (eventDate: string, executionId: string): Delivery => ({
  result: sliceResult({ eventDate, executionId, rows: [['a', '1', '1', 'false']] }),
  ledger: [],
  changes: [partitionChange({})],
  run: RUN,
});

test('the same slice never comes twice in one flush', () => {
  const first = slice('2026-01-01', 'e1');
  const other = slice('2026-01-02', 'e2');
  expect(sizeOf([first, other, slice('2026-01-01', 'e3')])).toBe(2);
});

test('a slice waits for what the ledger is told of it, not the other way round', () => {
  const row = ledgerRow({
    eventDate: '2026-01-01',
    executionId: 'e0',
    rowCount: 0,
    clicks: null,
  });
  const failed: Delivery = { ledger: [{ ...row, status: 'failed' }], changes: [], run: RUN };
  expect(sizeOf([failed, slice('2026-01-01', 'e1')])).toBe(1);
  expect(sizeOf([slice('2026-01-01', 'e1'), failed])).toBe(2);
});

test('states of one stream and account count once', () => {
  const state: Delivery = {
    ledger: [],
    changes: [partitionChange({ bookmark: '2026-01-01' })],
    run: RUN,
  };
  const { length } = JSON.stringify(state.changes.map((change) => Object.values(change))[0]);
  const allowed = { ...DEFAULT_GROUP_LIMITS, maxCharacters: length + 30 * '[]'.length };
  expect(
    sizeOf(
      Array.from({ length: 30 }, () => state),
      allowed,
    ),
  ).toBe(30);
});

test('a delivery beyond the limits goes alone', () => {
  const allowed = { ...DEFAULT_GROUP_LIMITS, maxRows: 0 };
  expect(sizeOf([slice('2026-01-01', 'e1'), slice('2026-01-02', 'e2')], allowed)).toBe(1);
});
