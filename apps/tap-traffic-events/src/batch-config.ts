import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

/** `file:///folder`, which `fileURLToPath` reads. */
function isFolderUrl(text: string): boolean {
  try {
    fileURLToPath(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether file names that begin so are in the root, wherever that is. */
function staysBelow(prefix: string): boolean {
  const root = resolve('/root');
  return !prefix.includes('\u0000') && join(root, `${prefix}name`).startsWith(root + sep);
}

/** As Meltano's SDK has it; files on this machine only. */
export const batchConfigSchema = z.strictObject({
  encoding: z
    .strictObject({
      format: z.literal('jsonl').default('jsonl'),
      compression: z.enum(['gzip', 'none']).default('gzip'),
    })
    .prefault({}),
  storage: z.strictObject({
    root: z
      .string()
      .regex(/^file:\/\//, 'expected file:// and a folder')
      .refine(isFolderUrl, 'expected a folder of this machine, such as file:///var/batches'),
    prefix: z
      .string()
      .refine(staysBelow, 'expected the beginning of file names below root, without ..')
      .default(''),
  }),
  batch_size: z.int().positive().default(10_000),
});

export type BatchConfig = z.output<typeof batchConfigSchema>;
