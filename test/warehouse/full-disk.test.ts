import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { canMount, tinyDisk } from '../../packages/source/src/testing/tiny-disk.ts';
import type { TinyDisk } from '../../packages/source/src/testing/tiny-disk.ts';
import { StageFile } from '../../packages/warehouse/src/bigquery/staging/stage-file.ts';

const given = process.env['TMPDIR'];
let disk: TinyDisk;

beforeAll(() => {
  if (!canMount()) return;
  disk = tinyDisk(64);
  process.env['TMPDIR'] = disk.folder;
});
afterAll(() => {
  if (given === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = given;
  disk?.[Symbol.dispose]();
});

test.skipIf(!canMount())('rows that wait for a load job say which disk is full', async () => {
  const file = new StageFile(join(disk.folder, 'rows.jsonl'));
  const write = async () => {
    for (let row = 0; row < 4000; row += 1)
      await file.add(`{"row":${row},"text":"${'x'.repeat(90)}"}\n`);
    await file.finish();
  };
  await expect(write()).rejects.toThrow(
    `${disk.folder}, which holds rows until they are loaded, has no room (ENOSPC)`,
  );
  await file.remove();
});

test.skipIf(!canMount())(
  'rows of a slice that is not committed say which disk is full',
  async () => {
    const { SliceSpool } =
      await import('../../packages/warehouse/src/postgres/load/slice-spool.ts');
    const spool = new SliceSpool();
    const write = async () => {
      for (let piece = 0; piece < 12; piece += 1) await spool.add(Buffer.alloc(1024 * 1024, 1));
    };
    await expect(write()).rejects.toThrow(
      `${disk.folder}, which holds the rows of a slice until they are committed, has no room (ENOSPC)`,
    );
    await spool.close();
  },
);
