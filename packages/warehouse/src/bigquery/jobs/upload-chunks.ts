/** A piece of an upload; `bytes` hold until the next piece is asked for. */
export interface UploadChunk {
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** Many loads are of a few rows. */
const FIRST_BYTES = 64 * 1024;

/** The bytes of `source` in pieces of `size`, the last one shorter or, where there are none, empty. */
export async function* uploadChunks(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<UploadChunk> {
  // One memory for all pieces: a load may be of any length.
  let memory: Buffer = Buffer.allocUnsafeSlow(Math.min(size, FIRST_BYTES));
  let filled = 0;
  for await (const piece of source) {
    let rest = piece;
    while (rest.length > 0) {
      if (filled === size) {
        // Only now is it known that more comes behind what is full.
        yield { bytes: memory, isLast: false };
        filled = 0;
      }
      if (filled === memory.length) memory = doubled(memory, size);
      const taken = rest.subarray(0, memory.length - filled);
      memory.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
    }
  }
  yield { bytes: memory.subarray(0, filled), isLast: true };
}

function doubled(memory: Buffer, size: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(size, 2 * memory.length));
  larger.set(memory);
  return larger;
}
