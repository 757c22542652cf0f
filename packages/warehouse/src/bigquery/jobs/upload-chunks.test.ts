import { Readable } from 'node:stream';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { uploadChunks } from './upload-chunks.ts';

test('pieces are of their size, but for the last, and hold all bytes in their order', async () => {
  const size = fc.integer({ min: 1, max: 300_000 });
  const lengths = fc.array(fc.nat(400_000), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(size, lengths, async (pieceBytes, given) => {
      fc.pre(given.reduce((sum, length) => sum + length, 0) / pieceBytes < 100);
      const sent = given.map((length, index) => Buffer.alloc(length, index + 1));
      const chunks: { bytes: Buffer; isLast: boolean }[] = [];
      for await (const { bytes, isLast } of uploadChunks(Readable.from(sent), pieceBytes)) {
        chunks.push({ bytes: Buffer.from(bytes), isLast });
      }
      const last = chunks.at(-1);
      expect(Buffer.concat(chunks.map(({ bytes }) => bytes)).equals(Buffer.concat(sent))).toBe(
        true,
      );
      expect(chunks.map(({ isLast }) => isLast)).toEqual(chunks.map((chunk) => chunk === last));
      for (const { bytes, isLast } of chunks) if (!isLast) expect(bytes).toHaveLength(pieceBytes);
      expect(last?.bytes.length).toBeLessThanOrEqual(pieceBytes);
    }),
    { numRuns: 100 },
  );
});
