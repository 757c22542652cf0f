import type { Readable } from 'node:stream';
import type { BigQuery, Dataset, Job, JobMetadata, TableField } from '@google-cloud/bigquery';
import { systemClock } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import { makeClient } from './bigquery-client.ts';
import type { BigQuerySettings } from './bigquery-settings.ts';
import { JobCosts } from '../costs/job-costs.ts';
import type { JobKind } from '../costs/job-costs.ts';
import {
  failureOf,
  isJobRetriable,
  isTransient,
  loadFailureOf,
  messageOf,
  statusOf,
} from './job-failures.ts';
import { hashOf } from '../tables/names.ts';
import { ResumableUpload } from './resumable-upload.ts';
import { DEFAULT_RETRY_TIMING, pollDelayMs, retryDelayMs } from './job-timing.ts';
import type { RetryTiming } from './job-timing.ts';
import { Semaphore } from './semaphore.ts';

/** Uploads at a time: each of them holds a piece in memory. */
const MAX_UPLOADS = 4;

/** After a request to stop, a flush that is under way may still end: its jobs go on anyway. */
const STOP_GRACE_MS = 8000;

export interface BigQueryConnectionOptions {
  readonly settings: BigQuerySettings;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Wall time, for waits. */
  readonly clock?: Clock | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly retries?: RetryTiming | undefined;
}

/** A job to be run: its id follows from what it does, so that a lost answer can be looked up. */
export interface JobWork {
  readonly kind: JobKind;
  /** What the job does, beside the attempt; hashed into its id. */
  readonly identity: readonly unknown[];
}

/** A load job: rows of newline-delimited JSON into a table, in the place of what it holds. */
export interface LoadWork {
  readonly table: string;
  readonly fields: readonly TableField[];
  readonly disposition: 'WRITE_TRUNCATE' | 'WRITE_APPEND';
  readonly identity: readonly unknown[];
  /** The bytes, from their beginning each time. */
  open(): Readable;
}

/** A row of a query, by column. */
export type QueryRow = Readonly<Record<string, unknown>>;

/** Runs jobs and requests on one dataset. Errors are ours and name project and dataset. */
export class BigQueryConnection {
  readonly costs = new JobCosts();
  readonly dataset: Dataset;
  readonly where: string;
  readonly #client: BigQuery;
  readonly #options: BigQueryConnectionOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #timing: RetryTiming;
  readonly #uploads = new Semaphore(MAX_UPLOADS);
  #signal: AbortSignal | undefined;
  #location: string | undefined;

  constructor(options: BigQueryConnectionOptions) {
    const { settings } = options;
    this.#options = options;
    this.#client = makeClient(settings);
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#timing = options.retries ?? DEFAULT_RETRY_TIMING;
    this.#signal = graced(options.signal);
    this.#location = settings.location;
    this.where = `${settings.project}.${settings.dataset}`;
    this.dataset = this.#client.dataset(
      settings.dataset,
      settings.location === undefined ? {} : { location: settings.location },
    );
  }

  get datasetName(): string {
    return this.#options.settings.dataset;
  }

  /** Project and dataset, as queries of other projects name them. */
  get place(): Pick<BigQuerySettings, 'project' | 'dataset'> {
    return this.#options.settings;
  }

  /** Jobs run where their dataset is, and are only found there. */
  runIn(location: string | undefined): void {
    this.#location ??= location;
  }

  /** To be called before what is done last: after a request to stop, it has its own time. */
  allowEnding(): void {
    if (this.#options.signal?.aborted === true) this.#signal = AbortSignal.timeout(STOP_GRACE_MS);
  }

  /** Rows of a SELECT. Columns should be text there, so that nothing is lost on the way. */
  async rows<Row extends QueryRow>(kind: JobKind, query: string): Promise<Row[]> {
    const job = await this.#query({ kind, identity: [crypto.randomUUID()] }, query);
    const [rows] = await this.request(() => job.getQueryResults({ autoPaginate: true }));
    return rows as Row[];
  }

  /** Runs a statement or a script. Answers how many rows a single statement changed. */
  async execute(work: JobWork, query: string): Promise<number> {
    const job = await this.#query(work, query);
    const { query: statistics } = (job.metadata as JobMetadata).statistics ?? {};
    return Number(statistics?.numDmlAffectedRows ?? 0);
  }

  /** Loads rows. Answers how many the table holds of this job. */
  async load(work: LoadWork): Promise<number> {
    const job = await this.#run({ kind: 'load', identity: work.identity }, (jobId) =>
      this.#uploads.run(() => this.#upload(work, jobId)),
    );
    return Number((job.metadata as JobMetadata).statistics?.load?.outputRows ?? 0);
  }

  /** A request that is no job: sent again while its failure may pass. */
  async request<T>(send: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await send();
      } catch (error) {
        if (!isTransient(error) || attempt + 1 >= this.#timing.attempts) {
          throw failureOf(error, this.where);
        }
        await this.#pause(attempt);
      }
    }
  }

  /** As `request`, but undefined for what does not exist, or, where something is made, exists already. */
  async requestUnless<T>(status: 404 | 409, send: () => Promise<T>): Promise<T | undefined> {
    return this.request(() =>
      send().catch((error: unknown) => {
        if (statusOf(error) === status) return undefined;
        throw error;
      }),
    );
  }

  #query(work: JobWork, query: string): Promise<Job> {
    return this.#run(work, async (jobId) => {
      await this.#client.createQueryJob({
        query,
        jobId,
        ...this.#place,
        ...this.#labels(work.kind),
      });
    });
  }

  /** Submits a load job with its rows. */
  async #upload(work: LoadWork, jobId: string): Promise<void> {
    const { table, fields, disposition } = work;
    const { settings } = this.#options;
    const projectId = settings.project;
    const load = {
      destinationTable: { projectId, datasetId: settings.dataset, tableId: table },
      sourceFormat: 'NEWLINE_DELIMITED_JSON',
      schema: { fields: [...fields] },
      writeDisposition: disposition,
      createDisposition: 'CREATE_NEVER',
    };
    const upload = new ResumableUpload({
      client: this.#client.authClient,
      url: `${this.#client.apiEndpoint}/upload/bigquery/v2/projects/${projectId}/jobs`,
      job: {
        configuration: { load, ...this.#labels('load') },
        jobReference: { projectId, jobId, ...this.#place },
      },
      attempts: this.#timing.attempts,
      pause: (attempt) => this.#pause(attempt),
      signal: this.#signal,
    });
    const source = work.open();
    try {
      await upload.send(source);
    } finally {
      source.destroy();
    }
  }

  #labels(kind: JobKind) {
    return { labels: { ...this.#options.labels, 'traffic-events': kind } };
  }

  /** Runs a job until it has succeeded, under the next id when one failed for a reason that may pass. */
  async #run(work: JobWork, insert: (jobId: string) => Promise<void>): Promise<Job> {
    for (let attempt = 0; ; attempt += 1) {
      const job = await this.#settle(
        `traffic-events_${work.kind}_${hashOf([...work.identity, attempt])}`,
        insert,
      );
      const { status, statistics } = job.metadata as JobMetadata;
      this.costs.add(work.kind, Number(statistics?.query?.totalBytesBilled ?? 0));
      const { errorResult } = status ?? {};
      if (errorResult === undefined || errorResult === null) return job;
      const failure = { message: errorResult.message, errors: [errorResult] };
      if (!isJobRetriable(failure) || attempt + 1 >= this.#timing.attempts) {
        const details = { ...failure, errors: [errorResult, ...(status?.errors ?? [])] };
        throw work.kind === 'load'
          ? loadFailureOf(details, this.where)
          : failureOf(failure, this.where);
      }
      this.#logger.warn({ kind: work.kind, attempt, reason: messageOf(failure) }, 'job.retried');
      await this.#pause(attempt);
    }
  }

  /** Submits a job and waits for its end. What was submitted before under this id is that job. */
  async #settle(jobId: string, insert: (jobId: string) => Promise<void>): Promise<Job> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await insert(jobId);
        break;
      } catch (error) {
        this.#signal?.throwIfAborted();
        // Also when the answer was lost.
        if (statusOf(error) === 409 || (await this.#exists(jobId))) break;
        if (!isTransient(error) || attempt + 1 >= this.#timing.attempts) {
          throw failureOf(error, this.where);
        }
        await this.#pause(attempt);
      }
    }
    return this.#wait(jobId);
  }

  async #exists(jobId: string): Promise<boolean> {
    const found = await this.requestUnless(404, () => this.#job(jobId).getMetadata());
    return found !== undefined;
  }

  async #wait(jobId: string): Promise<Job> {
    const job = this.#job(jobId);
    for (let look = 0; ; look += 1) {
      await this.request(() => job.getMetadata());
      if ((job.metadata as JobMetadata).status?.state === 'DONE') return job;
      await this.#clock.sleep(pollDelayMs(look), this.#signal);
    }
  }

  #job(jobId: string): Job {
    return this.#client.job(jobId, this.#place);
  }

  get #place() {
    return this.#location === undefined ? {} : { location: this.#location };
  }

  async #pause(attempt: number): Promise<void> {
    const delayMs = retryDelayMs(attempt, this.#timing, Math.random());
    await this.#clock.sleep(delayMs, this.#signal);
  }
}

/** Aborted some time after `signal`. */
function graced(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return undefined;
  const late = new AbortController();
  const abort = () => void setTimeout(() => late.abort(signal.reason), STOP_GRACE_MS).unref();
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return late.signal;
}
