import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import type { Clock } from '../clock.ts';
import { DownloadFailedError } from '../errors/download-failed-error.ts';
import { ExecutionNotFoundError } from '../errors/execution-not-found-error.ts';
import { retryDelayMs } from '../http/retry-timing.ts';
import type { RetryPolicy } from '../http/retry-timing.ts';
import type { Logger } from '../logger.ts';
import type { DownloadUrls } from './download-urls.ts';
import { fetchPart } from './fetch-part.ts';
import type { DownloadedFile, FetchPartOptions, PartFailure } from './fetch-part.ts';

export interface DownloadOptions {
  /** Where the part files go; created where missing. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Most bytes of all parts together; the client's own limit unless set. */
  readonly maxBytes?: number;
}

export interface DownloaderOptions extends FetchPartOptions {
  readonly urls: (executionId: string, signal?: AbortSignal) => Promise<DownloadUrls>;
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A list without a URL can mean "not yet"; this often in a row, it means an empty result. */
const EMPTY_ANSWERS = 3;

/** Downloads results: whole or not at all. */
export class Downloader {
  readonly #options: DownloaderOptions;

  constructor(options: DownloaderOptions) {
    this.#options = options;
  }

  /** The part files of a result in order; none for a result without any. */
  async download(executionId: string, options: DownloadOptions): Promise<DownloadedFile[]> {
    const { retry, clock, random, logger } = this.#options;
    const job = new Job(executionId, options, this.#options);
    await mkdir(options.directory, { recursive: true });
    try {
      for (let attempt = 1; ; attempt += 1) {
        const failure = await job.attempt();
        if (failure === undefined) return job.files;
        if (attempt >= retry.maxAttempts) throw job.error(failure, attempt);
        const { retryAfterMs } = failure;
        const delayMs = retryDelayMs({ policy: retry, attempt, retryAfterMs, random });
        logger.info(
          { execution_id: executionId, attempt, delayMs, reason: failure.failed },
          'download will be tried again',
        );
        await clock.sleep(delayMs, options.signal);
      }
    } catch (error) {
      await job.discard();
      throw error;
    }
  }
}

/** One download, which asks for fresh URLs at each attempt and keeps the parts that are whole. */
class Job {
  readonly #executionId: string;
  readonly #download: DownloadOptions;
  readonly #options: DownloaderOptions;
  #done: DownloadedFile[] = [];
  #parts = 0;
  #emptyAnswers = 0;

  constructor(executionId: string, download: DownloadOptions, options: DownloaderOptions) {
    this.#executionId = executionId;
    this.#download = download;
    this.#options = options;
  }

  get files(): DownloadedFile[] {
    return this.#done;
  }

  /** Undefined once every part is there. */
  async attempt(): Promise<PartFailure | undefined> {
    const urls = await this.#freshUrls();
    if ('failed' in urls) return urls;
    if (urls.length !== this.#parts) await this.discard();
    this.#parts = urls.length;
    for (const url of urls.slice(this.#done.length)) {
      const file = await this.#fetch(url);
      if ('failed' in file) return file;
      this.#done.push(file);
    }
    return undefined;
  }

  async discard(): Promise<void> {
    await Promise.all(this.#done.map(({ path }) => rm(path, { force: true })));
    this.#done = [];
  }

  error(failure: PartFailure, attempts: number): DownloadFailedError {
    return new DownloadFailedError(
      `The result of execution ${this.#executionId} could not be downloaded in ${attempts} tries: ${failure.failed}. The execution stays valid; download it again later`,
    );
  }

  async #freshUrls(): Promise<readonly string[] | PartFailure> {
    try {
      const { urls } = await this.#options.urls(this.#executionId, this.#download.signal);
      if (urls.length > 0) return urls;
      this.#emptyAnswers += 1;
      return this.#emptyAnswers >= EMPTY_ANSWERS
        ? []
        : { failed: 'the API gave no download URL', retryAfterMs: null };
    } catch (error) {
      if (!(error instanceof ExecutionNotFoundError)) throw error;
      return { failed: error.message, retryAfterMs: null };
    }
  }

  #fetch(url: string): Promise<DownloadedFile | PartFailure> {
    const name = this.#executionId.replaceAll(/[^A-Za-z0-9._-]/g, '_');
    const used = this.#done.reduce((sum, { bytes }) => sum + bytes, 0);
    return fetchPart(
      {
        url,
        path: path.join(this.#download.directory, `${name}.${this.#done.length + 1}.csv`),
        maxBytes: (this.#download.maxBytes ?? this.#options.maxBytes) - used,
        signal: this.#download.signal,
      },
      this.#options,
    );
  }
}
