import { exactNumber } from './exact-number.ts';

/** How a cell's text goes out: `number` and `boolean` as they are, `string` quoted. */
export interface RecordProperty {
  readonly name: string;
  readonly kind: 'string' | 'number' | 'boolean';
}

/** Cells of a record in the order of the properties: text, or null for NULL. */
export type RecordCells = readonly (string | null)[];

const PLAIN_INTEGER = /^-?(?:0|[1-9]\d*)$/;
/** Text that JSON takes between quotes as it is. */
// oxlint-disable-next-line no-control-regex -- JSON escapes exactly these
const NEEDS_ESCAPE = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * Serialises cells that are already text as bodies of RECORD messages, without turning them into
 * numbers on the way: digits of any length go out as the JSON number that they are.
 */
export class RecordEncoder {
  readonly #properties: readonly RecordProperty[];
  readonly #keys: readonly string[];

  constructor(options: { readonly properties: readonly RecordProperty[] }) {
    this.#properties = options.properties;
    this.#keys = options.properties.map(
      ({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`,
    );
  }

  /** Throws a TypeError that names the property when a number or boolean is none. */
  encode(cells: RecordCells): string {
    let body = '';
    for (let index = 0; index < this.#keys.length; index += 1) {
      const cell = cells[index] ?? null;
      body += this.#keys[index];
      body += cell === null ? 'null' : this.#encodeCell(cell, index);
    }
    return this.#keys.length === 0 ? '{}' : `${body}}`;
  }

  #encodeCell(cell: string, index: number): string {
    const { kind, name } = this.#properties[index] as RecordProperty;
    if (kind === 'string') return NEEDS_ESCAPE.test(cell) ? JSON.stringify(cell) : `"${cell}"`;
    if (kind === 'boolean') {
      if (cell === 'true' || cell === 'false') return cell;
      throw new TypeError(`${name}: expected true or false, got ${cell.slice(0, 60)}`);
    }
    return PLAIN_INTEGER.test(cell) ? cell : encodeNumber(cell, name);
  }
}

function encodeNumber(cell: string, name: string): string {
  try {
    return exactNumber(cell).rawJSON;
  } catch (error) {
    throw new TypeError(`${name}: expected a number, got ${cell.slice(0, 60)}`, { cause: error });
  }
}
