import { closingId } from '@traffic-events/slice';
import type { LedgerRow } from '@traffic-events/slice';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AccountChangeError } from '../../errors.ts';
import { CLICKS, DATE, ledgerRow, partitionChange, RUN, sliceResult } from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const MISSED = '2026-01-04';
const executionOf = (accountId: string) => `e-${accountId}`;

function missedRow(accountId: string): LedgerRow {
  return {
    ...ledgerRow({ accountId, executionId: '', eventDate: MISSED, rowCount: 0, clicks: null }),
    extraction_id: closingId(CLICKS.stream, accountId, MISSED),
    status: 'missed',
    execution_id: null,
    row_count: null,
    sums: {},
    raw_sha256: null,
  };
}

const rows = [
  ['a', '1', '4', 'false'],
  ['b', '2', '3', 'true'],
];

/** One for each test, made together: that takes a while in some warehouses. */
const ACCOUNTS = ['1', '2', '3', '4', '5', '55', '6', '7', '77', '8', '9'].map(
  (id) => `DE:dsp:${id}`,
);

/** What every warehouse answers of what it holds, and what it does to whole accounts. */
export function auditContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  beforeAll(async () => {
    warehouse = await make();
    await load(ACCOUNTS);
  });
  afterAll(() => warehouse.drop());

  /** Each account has two dates, one of which closed without a copy. */
  async function load(accounts: readonly string[]): Promise<void> {
    const sink = warehouse.sink();
    await sink.open(RUN, [CLICKS], accounts);
    for (const accountId of accounts) {
      const slice = sliceResult({ accountId, executionId: executionOf(accountId), rows });
      await sink.slice(slice, partitionChange({ accountId }));
    }
    await sink.ledger(
      accounts.map(missedRow),
      accounts.map((accountId) => partitionChange({ accountId, bookmark: MISSED })),
    );
    await sink.close();
  }
  const differencesOf = async (accountId: string) => {
    const { differences } = await warehouse.verify();
    return differences
      .filter((each) => each.accountId === accountId)
      .map(({ eventDate, executionId, what, ledger, table }) =>
        [eventDate, executionId, what, ledger, table].join(' '),
      )
      .sort();
  };

  const counts = async (accountId: string) =>
    (await warehouse.countRows(accountId)).map(({ table, rows: count }) => [table, count]);

  describe('verify', () => {
    test('finds nothing where everything is as the ledger says, and knows the raw results', async () => {
      expect(await differencesOf('DE:dsp:1')).toEqual([]);
      const { slices, rawHashes } = await warehouse.verify();
      expect(slices).toBeGreaterThanOrEqual(1);
      expect(rawHashes.get('dsp_clicks e-DE:dsp:1')).toBe('ab'.repeat(32));
    });

    test('names rows that are gone, sums that changed, and rows that nothing accounts for', async () => {
      const [gone, changed, unknown] = ['DE:dsp:2', 'DE:dsp:3', 'DE:dsp:4'];
      const ids = [gone, changed, unknown].map(executionOf);
      await warehouse.change(
        `DELETE FROM {dsp_clicks} WHERE account_id = '${gone}' AND event_date = DATE '${DATE}'`,
      );
      await warehouse.change(
        `UPDATE {dsp_clicks} SET clicks = clicks + 1 WHERE account_id = '${changed}' AND campaign = 'a'`,
      );
      await warehouse.change(
        `UPDATE {dsp_clicks} SET execution_id = 'stray' WHERE account_id = '${unknown}' AND campaign = 'a'`,
      );
      expect(await differencesOf(gone)).toEqual([
        `${DATE} ${ids[0]} clicks 7 0`,
        `${DATE} ${ids[0]} rows 2 0`,
      ]);
      expect(await differencesOf(changed)).toEqual([`${DATE} ${ids[1]} clicks 7 8`]);
      expect(await differencesOf(unknown)).toEqual([
        `${DATE} ${ids[2]} clicks 7 3`,
        `${DATE} ${ids[2]} rows 2 1`,
        `${DATE} stray rows 0 1`,
      ]);
    });
  });

  describe('an account', () => {
    const WHOLE = [
      ['_traffic_events_state', 1],
      ['dsp_clicks', 2],
      ['extractions', 2],
    ];

    test('is counted, and goes with all that is held of it and nothing else', async () => {
      expect(await counts('DE:dsp:5')).toEqual(WHOLE);
      await warehouse.changeAccount({ kind: 'remove', accountId: 'DE:dsp:5' });
      expect(await counts('DE:dsp:5')).toEqual([]);
      expect(await counts('DE:dsp:55')).toEqual(WHOLE);
    });

    test('is renamed with its marketplace and its ledger, and stands as it did', async () => {
      await warehouse.changeAccount({ kind: 'rename', accountId: 'DE:dsp:6', to: 'UK:dsp:66' });
      expect(await counts('DE:dsp:6')).toEqual([]);
      expect(await counts('UK:dsp:66')).toEqual(WHOLE);
      expect(await differencesOf('UK:dsp:66')).toEqual([]);
      const entries = await warehouse.rows(
        'extractions',
        ['extraction_id', 'marketplace'],
        `account_id = 'UK:dsp:66'`,
      );
      expect(entries).toEqual([
        ['close:dsp_clicks:UK:dsp:66:2026-01-04', 'UK'],
        ['e-DE:dsp:6', 'UK'],
      ]);
      const states = await warehouse.status();
      expect(states.find(({ accountId }) => accountId === 'UK:dsp:66')?.state.bookmark).toBe(
        '2026-01-04',
      );
    });

    test.each([
      ['DE:dsp:7', 'DE:dsp:77', 'is held already'],
      ['DE:dsp:7', 'DE:dsp:78@Europe/Berlin', 'another time zone'],
      ['DE:dsp:7', 'DE:entity:ENTITY1', 'no account of the same kind'],
    ])('%s does not become %s: %s', async (accountId, to, reason) => {
      const refused = warehouse.changeAccount({ kind: 'rename', accountId, to });
      await expect(refused).rejects.toThrow(AccountChangeError);
      await expect(refused).rejects.toThrow(reason);
      expect(await counts(accountId)).toEqual(WHOLE);
    });

    test('is not touched while another run has it', async () => {
      const accountId = 'DE:dsp:8';
      const sink = warehouse.sink();
      await sink.open(RUN, [CLICKS], [accountId]);
      await expect(warehouse.changeAccount({ kind: 'remove', accountId })).rejects.toThrow(
        'is busy',
      );
      await sink.close();
      expect(await counts(accountId)).toEqual(WHOLE);
    });

    test('forgets its state, and keeps what is held', async () => {
      const forget = { kind: 'forget', accountId: 'DE:dsp:9' } as const;
      await warehouse.changeAccount({ ...forget, stream: 'dsp_views' });
      expect(await counts('DE:dsp:9')).toEqual(WHOLE);
      await warehouse.changeAccount({ ...forget, stream: 'dsp_clicks' });
      expect(await counts('DE:dsp:9')).toEqual(WHOLE.slice(1));
    });
  });
}
