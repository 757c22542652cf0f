import { ResultSink } from '../result-sink.ts';
import { BigQueryDriver } from './bigquery-driver.ts';
import type { BigQueryOptions } from './bigquery-options.ts';
import { BIGQUERY } from './capabilities.ts';

/** Loads results straight into BigQuery, several slices by one flush. */
export class BigQuerySink extends ResultSink {
  constructor(options: BigQueryOptions) {
    super(BIGQUERY, async () => new BigQueryDriver(options), options.logger);
  }
}
