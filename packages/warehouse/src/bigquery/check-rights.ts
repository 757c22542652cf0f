import { randomBytes } from 'node:crypto';
import { systemClock } from '@traffic-events/client';
import { WarehouseError } from '../errors.ts';
import { BigQueryConnection } from './jobs/bigquery-connection.ts';
import type { BigQuerySettings } from './jobs/bigquery-settings.ts';

/** A table that nobody deletes any more is gone after this time. */
const LEFT_FOR_MS = 3_600_000;

/**
 * What the principal lacks to load, in words: a table is made in the dataset, and deleted. Where there
 * is no dataset yet, only making it would tell.
 */
export async function checkRights(options: {
  readonly connection: BigQuerySettings;
}): Promise<string[]> {
  const connection = new BigQueryConnection({ settings: options.connection });
  const { dataset } = connection;
  const found = await connection.requestUnless(404, () => dataset.getMetadata());
  if (found === undefined) return [];
  const table = dataset.table(`_traffic_events_check_${randomBytes(4).toString('hex')}`);
  const schema = { fields: [{ name: 'n', type: 'INTEGER' }] };
  try {
    await connection.request(() =>
      table.create({ schema, expirationTime: String(systemClock.now() + LEFT_FOR_MS) }),
    );
    await connection.request(() => table.delete());
    return [];
  } catch (error) {
    if (!(error instanceof WarehouseError)) throw error;
    return [
      `Tables cannot be made in the dataset: ${error.message}. It takes roles/bigquery.dataEditor on the dataset; \`traffic-events views --grants\` prints the statements.`,
    ];
  }
}
