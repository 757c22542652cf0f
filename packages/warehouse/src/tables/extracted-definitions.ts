import { DEFINITIONS_KEY } from '@traffic-events/slice';
import type { ExtractedDefinition, StreamDescription } from '@traffic-events/slice';
import { z } from 'zod';
import { StreamSchemaError } from '../errors.ts';

/** A row of the table of definitions, but for when it was used. */
export interface DefinitionOfStream extends ExtractedDefinition {
  readonly stream: string;
}

/** No warehouse takes halves of characters, and PostgreSQL no U+0000. */
const text = z
  .string()
  .refine(
    (value) => value.isWellFormed() && !value.includes('\u0000'),
    'holds U+0000 or half of a character',
  );
const definitions = z
  .array(
    z.object({
      fingerprint: text,
      time_zone: text,
      kind: z.enum(['sql', 'template']),
      query: text,
      columns: z.array(
        z.object({ name: text, role: text, type: text }) as unknown as z.ZodType<
          ExtractedDefinition['columns'][number]
        >,
      ),
    }),
  )
  .refine(
    (all) => new Set(all.map(({ fingerprint }) => fingerprint)).size === all.length,
    'has a fingerprint twice',
  );

/** What a slice stream says of what its accounts are asked for; nothing where it does not. */
export function extractedDefinitions({ stream, schema }: StreamDescription): DefinitionOfStream[] {
  const told = schema[DEFINITIONS_KEY];
  if (told === undefined) return [];
  const parsed = definitions.safeParse(told);
  if (parsed.success) return parsed.data.map((definition) => ({ stream, ...definition }));
  const [issue] = parsed.error.issues;
  throw new StreamSchemaError(
    stream,
    `${DEFINITIONS_KEY} is not a list of definitions: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}. Use a tap and a target of one version, or leave the key out.`,
  );
}
