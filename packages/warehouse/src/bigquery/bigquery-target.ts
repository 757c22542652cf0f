import { loadInto } from '../messages/message-loader.ts';
import type { MessageOptions } from '../messages/message-loader.ts';
import { BigQueryDriver } from './bigquery-driver.ts';
import type { BigQueryOptions } from './bigquery-options.ts';

export type BigQueryTargetOptions = BigQueryOptions & MessageOptions;

/**
 * Loads Singer messages into BigQuery until they end or `signal` asks to stop; then what has
 * arrived whole is committed and the newest state that is true is passed on.
 */
export async function loadMessages(
  source: AsyncIterable<Uint8Array>,
  options: BigQueryTargetOptions,
): Promise<void> {
  const { signal: _, ...others } = options;
  // A request to stop ends the reading; what has arrived is still committed, so jobs go on.
  await loadInto(new BigQueryDriver(others), source, options);
}
