import { TrafficEventsError } from './traffic-events-error.ts';

/** A result file that is no CSV of the columns asked for. The message names file and line. */
export class CsvFormatError extends TrafficEventsError {
  override readonly name = 'CsvFormatError' as const;
  readonly code = 'csv_format' as const;
  readonly action = 'skippable' as const;
}
