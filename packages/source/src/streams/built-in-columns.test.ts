import { expect, test } from 'vitest';
import type { StreamDefinition } from './stream.ts';
import { recordKey } from './stream-schema.ts';
import { builtInStreams } from './default-streams.ts';

function columnsOf({ name, columns }: StreamDefinition): string {
  const lines = columns
    .filter(({ role }) => role !== 'discriminator')
    .map((column) => `    readonly ${recordKey(column)}: '${column.type}';\n`);
  return `  readonly ${name}: {\n${lines.join('')}  };\n`;
}

test('the types of the tables are written from the definitions of the streams', async () => {
  await expect(`/**
 * Columns of the built-in streams beside those of every slice table, for whoever queries the
 * warehouse in TypeScript. Written by the test beside it: \`vitest -u\` brings it up to date.
 */
export interface BuiltInColumns {
${builtInStreams().map(columnsOf).join('')}}
`).toMatchFileSnapshot('./built-in-columns.ts');
});
