import { loadInto } from '../messages/message-loader.ts';
import type { MessageOptions } from '../messages/message-loader.ts';
import { PostgresDriver } from './postgres-driver.ts';
import type { PostgresOptions } from './postgres-options.ts';

export type PostgresTargetOptions = PostgresOptions & MessageOptions;

/**
 * Loads Singer messages into PostgreSQL until they end or `signal` asks to stop; then what has
 * arrived whole is committed and the newest state that is true is passed on.
 */
export async function loadMessages(
  source: AsyncIterable<Uint8Array>,
  options: PostgresTargetOptions,
): Promise<void> {
  await loadInto(await PostgresDriver.open(options), source, options);
}
