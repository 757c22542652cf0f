/** A piece of an upload; `bytes` hold until the next piece is asked for. */
export interface UploadChunk {
  readonly bytes: Buffer;
  readonly isLast: boolean;
}

/** The bytes of `source` in pieces of `size`, the last one shorter or, where there are none, empty. */
export async function* uploadChunks(
  source: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<UploadChunk> {
  // One memory for all of them: a load may be of any length.
  const chunk = Buffer.allocUnsafeSlow(size);
  let filled = 0;
  for await (const piece of source) {
    let rest = piece;
    while (rest.length > 0) {
      // Only now is it known that more comes behind what is full.
      if (filled === size) {
        yield { bytes: chunk, isLast: false };
        filled = 0;
      }
      const taken = rest.subarray(0, size - filled);
      chunk.set(taken, filled);
      filled += taken.length;
      rest = rest.subarray(taken.length);
    }
  }
  yield { bytes: chunk.subarray(0, filled), isLast: true };
}
