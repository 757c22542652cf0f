import type { ResultColumn } from './column.ts';

/** Key of a slice stream's JSON schema: what its accounts are asked for. */
export const DEFINITIONS_KEY = 'x-definitions';

/** What a stream asks for in a time zone, as an auditor reads it. */
export interface ExtractedDefinition {
  readonly fingerprint: string;
  readonly time_zone: string;
  readonly kind: 'sql' | 'template';
  /** SQL; of a template its name and parameters as JSON. */
  readonly query: string;
  readonly columns: readonly Pick<ResultColumn, 'name' | 'type' | 'role'>[];
}
