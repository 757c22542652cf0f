import { ResultSink } from '../result-sink.ts';
import { POSTGRES } from './capabilities.ts';
import { PostgresDriver } from './postgres-driver.ts';
import type { PostgresOptions } from './postgres-options.ts';

/** Loads results straight into PostgreSQL, a slice after the other. */
export class PostgresSink extends ResultSink {
  constructor(options: PostgresOptions) {
    super(POSTGRES, () => PostgresDriver.open(options), options.logger);
  }
}
