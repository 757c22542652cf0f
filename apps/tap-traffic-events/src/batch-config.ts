import { z } from 'zod';

/** As Meltano's SDK has it; files on this machine only. */
export const batchConfigSchema = z.strictObject({
  encoding: z
    .strictObject({
      format: z.literal('jsonl').default('jsonl'),
      compression: z.enum(['gzip', 'none']).default('gzip'),
    })
    .prefault({}),
  storage: z.strictObject({
    root: z.string().regex(/^file:\/\//, 'expected file:// and a folder'),
    prefix: z.string().default(''),
  }),
  batch_size: z.int().positive().default(10_000),
});

export type BatchConfig = z.output<typeof batchConfigSchema>;
