import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LineTooLongError } from './errors.ts';
import { readLines } from './line-reader.ts';

async function linesOf(chunks: readonly (string | Buffer)[], maxLineBytes?: number) {
  const source = (async function* chunksOf() {
    for (const chunk of chunks) yield Buffer.from(chunk as string);
  })();
  const lines: string[] = [];
  const options = maxLineBytes === undefined ? {} : { maxLineBytes };
  for await (const group of readLines(source, options)) lines.push(...group.map(String));
  return lines;
}

test('lines are the same however the chunks are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.nat(7), async (text, size) => {
      const bytes = Buffer.from(text);
      const chunks: Buffer[] = [];
      for (let at = 0; at < bytes.length; at += size + 1)
        chunks.push(bytes.subarray(at, at + size + 1));
      expect(await linesOf(chunks)).toEqual(await linesOf([bytes]));
    }),
  );
});

test('blank lines and a missing last newline do not matter', async () => {
  expect(await linesOf(['a\n\r\n', ' \nb\nc'])).toEqual(['a', 'b', 'c']);
});

test('a line of 95 MB is refused while it comes, unless the limit is raised', async () => {
  let read = 0;
  const source = (async function* chunksOf() {
    for (; read < 95; read += 1) yield Buffer.alloc(2 ** 20, 'x');
  })();
  await expect(Array.fromAsync(readLines(source))).rejects.toThrow(
    'A message is longer than 33554432 bytes. Raise max_line_bytes',
  );
  expect(read).toBe(32);
});

test('a line beyond the limit is refused before it is held', async () => {
  await expect(linesOf(['12345', '67890'], 8)).rejects.toThrow(LineTooLongError);
  await expect(linesOf(['123456789\n'], 8)).rejects.toThrow(
    'A message is longer than 8 bytes. Raise max_line_bytes, or have the tap send smaller records.',
  );
});
