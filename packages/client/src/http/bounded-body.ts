/** The beginning of a body; what lies beyond the bound has not been read. */
export interface BoundedBody {
  readonly text: string;
  readonly isCut: boolean;
}

/** Reads a body up to `maxBytes` and gives up the connection where there is more. */
export async function readBounded(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<BoundedBody> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk.subarray(0, maxBytes - bytes));
    bytes += chunk.length;
    // Leaving the loop destroys the body, and with it the connection.
    if (bytes > maxBytes) return { text: textOf(chunks), isCut: true };
  }
  return { text: textOf(chunks), isCut: false };
}

function textOf(chunks: readonly Uint8Array[]): string {
  return new TextDecoder().decode(Buffer.concat(chunks));
}
