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

const isCoarser = ({ coarserThan }: StreamDefinition) => coarserThan !== undefined;
const streams = builtInStreams();

test('the types of the tables are written from the definitions of the streams', async () => {
  await expect(`import type { CoarserColumns } from './coarser-columns.ts';

/**
 * Columns of the built-in streams beside those of every slice table, for whoever queries the
 * warehouse in TypeScript. Written by the test beside it: \`vitest -u\` brings it up to date.
 */
export interface BuiltInColumns extends CoarserColumns {
${streams
  .filter((stream) => !isCoarser(stream))
  .map(columnsOf)
  .join('')}}
`).toMatchFileSnapshot('./built-in-columns.ts');
  await expect(`/** Those of the coarser grains; written by the test of built-in-columns.ts. */
export interface CoarserColumns {
${streams.filter(isCoarser).map(columnsOf).join('')}}
`).toMatchFileSnapshot('./coarser-columns.ts');
});
