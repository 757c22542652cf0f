import { readCsv } from '@traffic-events/client';
import type { DownloadedFile } from '@traffic-events/client';
import { DISCRIMINATOR_COLUMN } from '@traffic-events/slice';
import type { ResultRow } from '@traffic-events/slice';

import type { StreamDefinition } from './stream.ts';

/** The rows of a downloaded result, in the order of the stream's columns; may be read repeatedly. */
export async function* readRows(
  stream: StreamDefinition,
  files: readonly DownloadedFile[],
): AsyncGenerator<readonly ResultRow[]> {
  const columns = stream.columns.map(({ name, type }) => ({ name, type }));
  const flagAt = stream.columns.findIndex(({ name }) => name === DISCRIMINATOR_COLUMN);
  for await (const rows of readCsv(files, { columns })) {
    for (const row of rows) if (row[flagAt] === null) row[flagAt] = 'false';
    yield rows;
  }
}
