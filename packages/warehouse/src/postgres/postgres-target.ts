import type { LoadRules } from '../messages/load-rules.ts';
import { takeLines } from '../messages/take-lines.ts';
import { MessageLoader } from './load/message-loader.ts';
import type { PostgresSinkOptions } from './postgres-sink.ts';
import { WarehouseSession } from './warehouse-session.ts';

export interface PostgresTargetOptions extends PostgresSinkOptions {
  /** Passes the value of a STATE on; called only after everything before it is committed. */
  readonly emitState: (value: unknown) => Promise<void>;
  /** Longest message accepted, in bytes. */
  readonly maxLineBytes?: number | undefined;
  readonly rules?: Partial<LoadRules>;
}

/**
 * Loads Singer messages into PostgreSQL until they end or `signal` asks to stop; then what has
 * arrived whole is committed and the newest state that is true is passed on.
 */
export async function loadMessages(
  source: AsyncIterable<Uint8Array>,
  options: PostgresTargetOptions,
): Promise<void> {
  const session = await WarehouseSession.open(options);
  const loader = new MessageLoader(options, session);
  try {
    await takeLines(source, loader, options);
    await loader.finish();
  } finally {
    await loader.abandon();
    await session.close();
  }
}
