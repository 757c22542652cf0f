import type { Capabilities } from '../capabilities.ts';
import { MAX_VALUE_CHARACTERS } from './commit/commit-script.ts';
import { BIGQUERY_NAMES } from './tables/names.ts';

/** What is BigQuery's own. */
export const BIGQUERY: Capabilities = {
  names: BIGQUERY_NAMES,
  hasSchemas: false,
  maxWaitingCharacters: MAX_VALUE_CHARACTERS,
  textOf: (field) => String(JSON.parse(field)),
};
