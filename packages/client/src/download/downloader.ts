import { mkdir } from 'node:fs/promises';

import { onDisk } from '../disk/on-disk.ts';
import { DownloadFailedError } from '../errors/download-failed-error.ts';
import { retrying } from '../http/retrying.ts';
import type { RetryTimes } from '../http/retrying.ts';
import { DownloadJob } from './download-job.ts';
import type { DownloadJobOptions } from './download-job.ts';
import type { DownloadedResult } from './downloaded-result.ts';
import { downloadsIn } from './fetch-part.ts';
import type { PartFailure } from './fetch-part.ts';

export interface DownloadOptions {
  /** Where the part files go; created where missing. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Most bytes of all parts together; the client's own limit unless set. */
  readonly maxBytes?: number;
}

export interface DownloaderOptions
  extends Omit<DownloadJobOptions, 'executionId' | 'directory' | 'signal'>, RetryTimes {
  /** Longest time of one download with all its tries, in real milliseconds. */
  readonly timeoutMs: number;
}

/** Downloads results: whole or not at all. */
export class Downloader {
  readonly #options: DownloaderOptions;

  constructor(options: DownloaderOptions) {
    this.#options = options;
  }

  async download(executionId: string, options: DownloadOptions): Promise<DownloadedResult> {
    const { directory, maxBytes = this.#options.maxBytes } = options;
    const timeout = AbortSignal.timeout(this.#options.timeoutMs);
    const signal = AbortSignal.any(options.signal ? [options.signal, timeout] : [timeout]);
    await onDisk(downloadsIn(directory), () => mkdir(directory, { recursive: true }));
    const job = new DownloadJob({ ...this.#options, executionId, directory, signal, maxBytes });
    try {
      return await this.#untilDone(job, executionId, signal);
    } catch (error) {
      await job.discard();
      throw error === timeout.reason ? this.#tooLong(executionId) : error;
    }
  }

  #untilDone(
    job: DownloadJob,
    executionId: string,
    signal: AbortSignal,
  ): Promise<DownloadedResult> {
    const { logger } = this.#options;
    return retrying<DownloadedResult, PartFailure>(() => job.attempt(), this.#options, {
      signal,
      errorOf: (failure, attempts) => failedFor(executionId, failure, attempts),
      onWait: ({ failed: reason }, { attempt, delayMs }) =>
        logger.info(
          { execution_id: executionId, attempt, delayMs, reason },
          'download will be tried again',
        ),
    });
  }

  #tooLong(executionId: string): DownloadFailedError {
    const seconds = this.#options.timeoutMs / 1_000;
    return new DownloadFailedError(
      `The result of execution ${executionId} did not arrive within ${seconds} s; raise downloadTimeoutMs (in a configuration: download_timeout) or ask for fewer dimensions. The execution stays valid; download it again later`,
    );
  }
}

function failedFor(
  executionId: string,
  { failed, unreachable }: PartFailure,
  attempts: number,
): DownloadFailedError {
  return new DownloadFailedError(
    `The result of execution ${executionId} could not be downloaded in ${attempts} tries: ${failed}. The execution stays valid; download it again later`,
    { unreachable },
  );
}
