import { readCsv } from '@traffic-events/client';
import type { DownloadedFile } from '@traffic-events/client';
import type { ResultRow } from '@traffic-events/slice';

import type { StreamDefinition } from './stream.ts';
import { REASON_COLUMN } from './streams/report-streams.ts';

/**
 * The rows of a downloaded result, in the order of the stream's columns; may be read repeatedly. A
 * templated report flags no rows, but gives a reason where it withheld something.
 */
export async function* readRows(
  stream: StreamDefinition,
  files: readonly DownloadedFile[],
): AsyncGenerator<readonly ResultRow[]> {
  const { columns } = stream;
  const flagAt = columns.findIndex(({ role }) => role === 'discriminator');
  const reasonAt = columns.findIndex(({ name }) => name === REASON_COLUMN);
  for await (const rows of readCsv(files, { columns })) {
    for (const row of rows) row[flagAt] ??= String((row[reasonAt] ?? null) !== null);
    yield rows;
  }
}
