import type { Logger } from '@traffic-events/client';

/** What came of a load. */
export interface LoadOutcome {
  /** States that were passed on, in order. */
  readonly states: readonly unknown[];
  readonly failure: unknown;
  readonly log: readonly { readonly message: string; readonly fields: object }[];
}

interface Watch {
  readonly logger: Logger;
  readonly emitState: (value: unknown) => Promise<void>;
}

/** Loads messages as a target would; tells also of a failed load what was passed on. */
export async function loadOutcome(
  lines: readonly string[] | Buffer,
  load: (input: AsyncIterable<Buffer>, watch: Watch) => Promise<void>,
): Promise<LoadOutcome> {
  const states: unknown[] = [];
  const log: { message: string; fields: object }[] = [];
  const note = (fields: object, message: string) => void log.push({ message, fields });
  const bytes = Buffer.isBuffer(lines) ? lines : Buffer.from(`${lines.join('\n')}\n`);
  const failure = await load(chunksOf(bytes), {
    logger: { debug: () => {}, info: note, warn: note, error: note },
    emitState: async (value) => {
      states.push(value);
    },
  }).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { states, failure, log };
}

/** Small pieces, so that lines are cut anywhere. */
async function* chunksOf(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
}
