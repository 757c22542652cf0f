import { openWarehouse } from '@traffic-events/warehouse';
import { hasEmulator, testDataset } from '@traffic-events/warehouse/bigquery/testing';
import type { TestDataset } from '@traffic-events/warehouse/bigquery/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The emulator refuses nothing: what is shown is that the question leaves nothing behind. */
describe.skipIf(!hasEmulator())('the rights on a dataset', () => {
  let dataset: TestDataset;
  beforeAll(() => {
    dataset = testDataset();
  });
  afterAll(() => dataset.drop());

  test('are tried by a table that is gone afterwards', async () => {
    const { connection, url } = dataset;
    const warehouse = await openWarehouse({ url }, process.env);
    expect(await warehouse.checkRights()).toEqual([]);
    await connection.request(() => connection.dataset.create());
    expect(await warehouse.checkRights()).toEqual([]);
    const [tables] = await connection.request(() => connection.dataset.getTables());
    expect(tables).toEqual([]);
  });
});
