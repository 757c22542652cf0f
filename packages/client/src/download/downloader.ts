import { mkdir } from 'node:fs/promises';

import type { Clock } from '../clock.ts';
import { DownloadFailedError } from '../errors/download-failed-error.ts';
import { retryDelayMs } from '../http/retry-timing.ts';
import type { RetryPolicy } from '../http/retry-timing.ts';
import { DownloadJob } from './download-job.ts';
import type { DownloadJobOptions } from './download-job.ts';
import type { DownloadedResult } from './downloaded-result.ts';
import type { PartFailure } from './fetch-part.ts';

export interface DownloadOptions {
  /** Where the part files go; created where missing. */
  readonly directory: string;
  readonly signal?: AbortSignal;
  /** Most bytes of all parts together; the client's own limit unless set. */
  readonly maxBytes?: number;
}

export interface DownloaderOptions extends Omit<
  DownloadJobOptions,
  'executionId' | 'directory' | 'signal'
> {
  readonly clock: Clock;
  readonly retry: RetryPolicy;
  readonly random: () => number;
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
    await mkdir(directory, { recursive: true });
    const job = new DownloadJob({ ...this.#options, executionId, directory, signal, maxBytes });
    try {
      return await this.#untilDone(job, executionId, signal);
    } catch (error) {
      await job.discard();
      throw error === timeout.reason ? this.#tooLong(executionId) : error;
    }
  }

  async #untilDone(
    job: DownloadJob,
    executionId: string,
    signal: AbortSignal,
  ): Promise<DownloadedResult> {
    const { retry, clock, random, logger } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const result = await job.attempt();
      if (!('failed' in result)) return result;
      if (attempt >= retry.maxAttempts) throw failedFor(executionId, result, attempt);
      const { retryAfterMs, failed: reason } = result;
      const delayMs = retryDelayMs({ policy: retry, attempt, retryAfterMs, random });
      logger.info(
        { execution_id: executionId, attempt, delayMs, reason },
        'download will be tried again',
      );
      await clock.sleep(delayMs, signal);
    }
  }

  #tooLong(executionId: string): DownloadFailedError {
    const seconds = this.#options.timeoutMs / 1_000;
    return new DownloadFailedError(
      `The result of execution ${executionId} did not arrive within ${seconds} s; raise downloadTimeoutMs or ask for fewer dimensions. The execution stays valid; download it again later`,
    );
  }
}

function failedFor(
  executionId: string,
  { failed }: PartFailure,
  attempts: number,
): DownloadFailedError {
  return new DownloadFailedError(
    `The result of execution ${executionId} could not be downloaded in ${attempts} tries: ${failed}. The execution stays valid; download it again later`,
  );
}
