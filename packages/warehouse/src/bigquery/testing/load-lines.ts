import { loadMessages } from '../bigquery-target.ts';
import type { BigQueryTargetOptions } from '../bigquery-target.ts';

export interface LoadOutcome {
  /** States that were passed on, in order. */
  readonly states: readonly unknown[];
  readonly failure: unknown;
  readonly log: readonly { readonly message: string; readonly fields: object }[];
}

type Options = Partial<BigQueryTargetOptions> & Pick<BigQueryTargetOptions, 'connection'>;

/** Loads messages as a target would; tells also of a failed load what was passed on. */
export async function loadLines(lines: readonly string[], options: Options): Promise<LoadOutcome> {
  const states: unknown[] = [];
  const log: { message: string; fields: object }[] = [];
  const note = (fields: object, message: string) => void log.push({ message, fields });
  const failure = await loadMessages(chunksOf(Buffer.from(`${lines.join('\n')}\n`)), {
    logger: { info: note, warn: note },
    emitState: async (value) => {
      states.push(value);
    },
    ...options,
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
