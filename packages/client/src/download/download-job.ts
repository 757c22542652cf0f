import { rm } from 'node:fs/promises';
import path from 'node:path';

import { ExecutionNotFoundError } from '../errors/execution-not-found-error.ts';
import type { Logger } from '../logger.ts';
import type { DownloadUrls } from './url-collection.ts';
import type { DownloadedResult } from './downloaded-result.ts';
import { fetchMetadata } from './fetch-metadata.ts';
import { fetchPart } from './fetch-part.ts';
import type { DownloadedFile, FetchPartOptions, PartFailure } from './fetch-part.ts';
import { fileIdentity } from './file-url.ts';

export interface DownloadJobOptions extends FetchPartOptions {
  readonly executionId: string;
  /** Where the part files go. */
  readonly directory: string;
  /** Most bytes of all parts together. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly urls: (executionId: string, signal?: AbortSignal) => Promise<DownloadUrls>;
  readonly logger: Logger;
}

/** A list that has no URL, or may lack some, can mean "not yet"; after so many it is taken as it is. */
const DOUBTFUL_ANSWERS = 3;
/** Metadata is a help only: after so many failures it is done without. */
const METADATA_TRIES = 3;
const MAX_METADATA_FILES = 20;
/** File systems take names of 255 bytes. */
const MAX_NAME_CHARACTERS = 200;

/** One download, which asks for fresh URLs at each attempt and keeps the parts that are whole. */
export class DownloadJob {
  readonly #options: DownloadJobOptions;
  #files: DownloadedFile[] = [];
  /** Names of the parts that `#files` begin. */
  #parts: readonly string[] = [];
  #doubtfulAnswers = 0;
  #metadataFailures = 0;

  constructor(options: DownloadJobOptions) {
    this.#options = options;
  }

  /** The result, once every part is there. */
  async attempt(): Promise<DownloadedResult | PartFailure> {
    const fresh = await this.#freshUrls();
    if ('failed' in fresh) return fresh;
    await this.#begin(fresh.urls);
    for (const url of fresh.urls.slice(this.#files.length)) {
      const file = await this.#fetch(url);
      if ('failed' in file) return file;
      this.#files.push(file);
    }
    const statedRows = await this.#statedRows(fresh.metadataUrls);
    if ('failed' in statedRows) return statedRows;
    return { files: this.#files, statedRows, doubts: fresh.doubts, mayLack: fresh.mayLack };
  }

  async discard(): Promise<void> {
    await Promise.all(this.#files.map((file) => rm(file.path, { force: true })));
    this.#files = [];
  }

  async #freshUrls(): Promise<DownloadUrls | PartFailure> {
    const { urls, executionId, signal } = this.#options;
    try {
      const fresh = await urls(executionId, signal);
      const [lack] = fresh.mayLack;
      if (fresh.urls.length > 0 && lack === undefined) return fresh;
      this.#doubtfulAnswers += 1;
      if (this.#doubtfulAnswers >= DOUBTFUL_ANSWERS) return fresh;
      return { failed: lack ?? 'the API gave no download URL', retryAfterMs: null };
    } catch (error) {
      if (!(error instanceof ExecutionNotFoundError)) throw error;
      return { failed: error.message, retryAfterMs: null };
    }
  }

  /** Parts that are there already stay where the list is the same but for its signatures. */
  async #begin(urls: readonly string[]): Promise<void> {
    const parts = urls.map((url) => fileIdentity(new URL(url)));
    const isSame =
      parts.length === this.#parts.length &&
      parts.every((part, index) => part === this.#parts[index]);
    if (!isSame) await this.discard();
    this.#parts = parts;
  }

  #fetch(url: string): Promise<DownloadedFile | PartFailure> {
    const used = this.#files.reduce((sum, { bytes }) => sum + bytes, 0);
    const { maxBytes, signal } = this.#options;
    return fetchPart(
      {
        url,
        path: this.#path(`${this.#files.length + 1}.csv`),
        maxBytes: maxBytes - used,
        signal,
      },
      this.#options,
    );
  }

  /** All of what metadata states, or nothing: of a part of it no total can be made. */
  async #statedRows(urls: readonly string[]): Promise<number[] | PartFailure> {
    const { logger, executionId, signal } = this.#options;
    if (urls.length > MAX_METADATA_FILES) return [];
    const stated: number[] = [];
    for (const url of urls) {
      const metadata = await fetchMetadata(
        { url, path: this.#path('metadata'), signal },
        this.#options,
      );
      if (!('failed' in metadata)) {
        if (metadata.rows !== undefined) stated.push(metadata.rows);
        continue;
      }
      this.#metadataFailures += 1;
      if (this.#metadataFailures < METADATA_TRIES) return metadata;
      const fields = { execution_id: executionId, reason: metadata.failed };
      logger.warn(fields, 'metadata could not be read; what it says of the result is not known');
      return [];
    }
    return stated;
  }

  #path(ending: string): string {
    const { executionId } = this.#options;
    const name = executionId.slice(0, MAX_NAME_CHARACTERS).replaceAll(/[^A-Za-z0-9._-]/g, '_');
    return path.join(this.#options.directory, `${name}.${ending}`);
  }
}
