import { afterAll, beforeAll, expect, test } from 'vitest';
import { NewerWarehouseError } from '../../errors.ts';
import {
  CLICKS,
  partitionChange,
  RUN,
  schemaMessage,
  sliceMessages,
  sliceResult,
} from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const ACCOUNT = 'DE:dsp:1';
const rows = [['a', '1', '4', 'false']];

/** What every warehouse promises to programs of another version. */
export function upgradeContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  beforeAll(async () => {
    warehouse = await make();
  });
  afterAll(() => warehouse.drop());

  test('what a newer version has written to is refused, and nothing is written', async () => {
    const before = warehouse.sink();
    await before.open(RUN, [CLICKS], [ACCOUNT]);
    await before.close();
    await warehouse.makeNewer();
    const leases = () => warehouse.rows('_traffic_events_leases', ['account_id', 'epoch']);
    const written = await leases();
    const sink = warehouse.sink();
    const refused = sink.open(RUN, [CLICKS], [ACCOUNT]);
    await expect(refused).rejects.toThrow(NewerWarehouseError);
    await expect(refused).rejects.toThrow(
      /written to by a newer version: its tables are of step 999, .* Nothing was written\./,
    );
    await sink.close();
    const result = sliceResult({ accountId: ACCOUNT, executionId: 'a1', rows });
    const messages = sliceMessages(result, rows, partitionChange({ accountId: ACCOUNT }));
    const { failure } = await warehouse.load([schemaMessage(CLICKS), ...messages]);
    expect(failure).toBeInstanceOf(NewerWarehouseError);
    expect(await leases()).toEqual(written);
    expect(await warehouse.rows('dsp_clicks', ['execution_id'])).toEqual([]);
  });
}
