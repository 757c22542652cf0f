import fc from 'fast-check';
import { RUN, ledgerRow, partitionChange, sliceResult } from '../../testing/slice-fixtures.ts';
import type { Delivery } from '../../driver.ts';

const partition = fc.record({
  stream: fc.constantFrom('dsp_clicks', 'dsp_views'),
  accountId: fc.constantFrom('DE:dsp:1', 'UK:dsp:2'),
});

/** Few names, so that they meet again and again. */
const slice = fc
  .tuple(
    partition,
    fc.record({
      eventDate: fc.constantFrom('2026-01-01', '2026-01-02', '2026-01-03'),
      executionId: fc.integer({ min: 1, max: 12 }).map((number) => `e${number}`),
    }),
  )
  .map(([names, other]) => ({ ...names, ...other }));

const change = fc
  .tuple(partition, fc.option(fc.constantFrom('2026-01-01', '2026-01-02')))
  .map(([names, bookmark]) => partitionChange({ ...names, bookmark }));

const sliceDelivery: fc.Arbitrary<Delivery> = fc
  .tuple(slice, fc.nat({ max: 9 }))
  .map(([names, rows]) => ({
    result: sliceResult({
      ...names,
      rows: Array.from({ length: rows }, () => ['a', '1', '1', null]),
    }),
    ledger: [],
    changes: [partitionChange(names)],
    run: RUN,
  }));

const ledgerDelivery: fc.Arbitrary<Delivery> = fc
  .tuple(fc.array(slice, { minLength: 1, maxLength: 3 }), fc.array(change, { maxLength: 2 }))
  .map(([rows, changes]) => ({
    ledger: rows.map((names) => ({
      ...ledgerRow({ ...names, rowCount: 0, clicks: null }),
      status: 'failed' as const,
    })),
    changes,
    run: RUN,
  }));

const stateDelivery: fc.Arbitrary<Delivery> = change.map((only) => ({
  ledger: [],
  changes: [only],
  run: RUN,
}));

/** What a run delivers, in any order. */
export const deliveries: fc.Arbitrary<Delivery[]> = fc.array(
  fc.oneof(sliceDelivery, ledgerDelivery, stateDelivery),
  { maxLength: 25 },
);
