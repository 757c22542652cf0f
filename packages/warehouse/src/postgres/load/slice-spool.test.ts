import { expect, test } from 'vitest';
import { SliceSpool } from './slice-spool.ts';

const MEBIBYTE = 1024 * 1024;

async function readAll(spool: SliceSpool): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of spool.read()) pieces.push(piece);
  return Buffer.concat(pieces);
}

test.each([0, 3, 8, 9, 20])('%i MiB come back in order, again, and with more', async (count) => {
  const spool = new SliceSpool();
  const pieces = Array.from({ length: count }, (_, index) => Buffer.alloc(MEBIBYTE, index + 1));
  for (const piece of pieces) await spool.add(piece);
  expect(Buffer.concat(pieces).equals(await readAll(spool))).toBe(true);
  expect(Buffer.concat(pieces).equals(await readAll(spool))).toBe(true);

  const more = Buffer.from('more');
  await spool.add(more);
  expect(Buffer.concat([...pieces, more]).equals(await readAll(spool))).toBe(true);
  await spool.close();
});
