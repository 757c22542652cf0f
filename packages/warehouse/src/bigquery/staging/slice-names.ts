import type { Fields, RecordFields } from '../../messages/record-fields.ts';

/** The slice and the execution that a record is of. */
export interface SliceNames {
  readonly stream: string;
  readonly accountId: string;
  readonly eventDate: string;
  readonly executionId: string;
}

/** Tells from the fields of a slice stream's records which slice they are of. */
export class SliceNamesReader {
  readonly #stream: string;
  readonly #places: readonly number[];
  #lastFields: readonly (string | undefined)[] = [];
  #lastNames: SliceNames | undefined;

  constructor(stream: string, records: RecordFields) {
    this.#stream = stream;
    this.#places = ['account_id', 'event_date', 'execution_id'].map((name) =>
      records.placeOf(name),
    );
  }

  /** The names of a record's slice: the same object for records of one slice that follow each other. */
  of(fields: Fields): SliceNames {
    const isSame = this.#places.every((place, at) => fields[place] === this.#lastFields[at]);
    if (isSame && this.#lastNames !== undefined) return this.#lastNames;
    this.#lastFields = this.#places.map((place) => fields[place]);
    const [accountId = '', eventDate = '', executionId = ''] = this.#lastFields.map((field) =>
      String(JSON.parse(field ?? 'null')),
    );
    this.#lastNames = { stream: this.#stream, accountId, eventDate, executionId };
    return this.#lastNames;
  }
}
