import { ownValue } from '@traffic-events/singer';
import { isEventDate } from '@traffic-events/slice';
import type { SliceKey, SliceMark } from '@traffic-events/slice';
import type { Fields, RecordFields } from '../messages/record-fields.ts';

/** The slice and the execution that rows are of. */
export interface SliceExecution extends SliceKey {
  readonly executionId: string;
}

/** The slice that a mark or a ledger row is about. */
export function sliceOf({
  stream,
  account_id,
  event_date,
}: Pick<SliceMark, 'stream' | 'account_id' | 'event_date'>): SliceKey {
  return { stream, accountId: account_id, eventDate: event_date };
}

/** The same text for the same slice, and for no other. */
export function sliceId({ stream, accountId, eventDate }: SliceKey): string {
  return JSON.stringify([stream, accountId, eventDate]);
}

/** What a record that cannot be loaded is of; undefined where it does not tell. */
export function executionOf(
  stream: string,
  record: Readonly<Record<string, unknown>>,
): SliceExecution | undefined {
  const accountId = ownValue(record, 'account_id');
  const eventDate = ownValue(record, 'event_date');
  const executionId = ownValue(record, 'execution_id');
  const isTold = typeof accountId === 'string' && typeof executionId === 'string';
  if (!isTold || typeof eventDate !== 'string' || !isEventDate(eventDate)) return undefined;
  return { stream, accountId, eventDate, executionId };
}

/** Tells from the fields of a slice stream's records which slice they are of. */
export class SliceExecutionReader {
  readonly #stream: string;
  readonly #textOf: (field: string) => string;
  readonly #account: number;
  readonly #date: number;
  readonly #execution: number;
  #lastFields: Fields = [];
  #lastExecution: SliceExecution | undefined;

  constructor(stream: string, records: RecordFields, textOf: (field: string) => string) {
    this.#stream = stream;
    this.#textOf = textOf;
    this.#account = records.placeOf('account_id');
    this.#date = records.placeOf('event_date');
    this.#execution = records.placeOf('execution_id');
  }

  /** The execution that a record is of: the same object for records of one slice that follow each other. */
  of(fields: Fields): SliceExecution {
    const last = this.#lastFields;
    const isSame =
      fields[this.#execution] === last[this.#execution] &&
      fields[this.#date] === last[this.#date] &&
      fields[this.#account] === last[this.#account];
    if (isSame && this.#lastExecution !== undefined) return this.#lastExecution;
    this.#lastFields = fields;
    this.#lastExecution = {
      stream: this.#stream,
      accountId: this.#textOf(fields[this.#account] ?? ''),
      eventDate: this.#textOf(fields[this.#date] ?? ''),
      executionId: this.#textOf(fields[this.#execution] ?? ''),
    };
    return this.#lastExecution;
  }
}
