import { readFile, rm } from 'node:fs/promises';

import { DownloadTooLargeError } from '../errors/download-too-large-error.ts';
import { fetchPart } from './fetch-part.ts';
import type { FetchPartOptions, PartFailure, PartRequest } from './fetch-part.ts';
import { statedRows } from './stated-rows.ts';

/** Above this it is no description of a run. */
const MAX_METADATA_BYTES = 1_048_576;

/** What a metadata file says; `rows` is undefined where it says nothing of them. */
export interface Metadata {
  readonly rows: number | undefined;
}

/** Reads a metadata file by way of `path`, which is gone afterwards. */
export async function fetchMetadata(
  request: Omit<PartRequest, 'maxBytes'>,
  options: FetchPartOptions,
): Promise<Metadata | PartFailure> {
  try {
    const file = await fetchPart({ ...request, maxBytes: MAX_METADATA_BYTES }, options);
    if ('failed' in file) return file;
    return { rows: statedRows(await readFile(file.path, 'utf8')) };
  } catch (error) {
    if (error instanceof DownloadTooLargeError) return { rows: undefined };
    throw error;
  } finally {
    await rm(request.path, { force: true });
  }
}
