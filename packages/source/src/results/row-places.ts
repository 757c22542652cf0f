import { locateRow } from '@traffic-events/client';
import type { DownloadedFile } from '@traffic-events/client';

import { ResultRefusedError } from '../errors.ts';
import type { StreamDefinition } from '../streams/stream.ts';

/** Runs `deliver`; where its result is refused for one row, the error says where that row stands. */
export async function withRowPlaces<T>(
  { columns }: StreamDefinition,
  files: readonly DownloadedFile[],
  deliver: () => Promise<T>,
): Promise<T> {
  try {
    return await deliver();
  } catch (error) {
    if (!(error instanceof ResultRefusedError) || error.row === undefined) throw error;
    const place = await locateRow(files, error.row, { columns });
    if (place === undefined) throw error;
    throw error.at(`${place.file}, line ${place.line}`);
  }
}
