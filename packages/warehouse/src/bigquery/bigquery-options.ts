import type { SessionOptions } from '../session-options.ts';
import type { BigQuerySettings, TableOptions } from './jobs/bigquery-settings.ts';
import type { RetryTiming } from './jobs/job-timing.ts';

export interface BigQueryOptions extends SessionOptions {
  readonly connection: BigQuerySettings;
  readonly tables?: TableOptions | undefined;
  readonly retries?: RetryTiming | undefined;
}
