import type { LoadRules } from '../messages/load-rules.ts';
import { takeLines } from '../messages/take-lines.ts';
import { MessageLoader } from './staging/message-loader.ts';
import { StageFiles } from './staging/stage-files.ts';
import { WarehouseSession } from './warehouse-session.ts';
import type { BigQueryOptions } from './warehouse-session.ts';

export interface BigQueryTargetOptions extends BigQueryOptions {
  /** Passes the value of a STATE on; called only after everything before it is committed. */
  readonly emitState: (value: unknown) => Promise<void>;
  /** Longest message accepted, in bytes. */
  readonly maxLineBytes?: number | undefined;
  readonly rules?: Partial<LoadRules> | undefined;
}

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
  const session = new WarehouseSession(others);
  const files = await StageFiles.make();
  const loader = new MessageLoader(options, session, files);
  try {
    await takeLines(source, loader, options);
    await loader.finish();
  } finally {
    loader.abandon();
    await files.remove();
    await session.close();
  }
}
