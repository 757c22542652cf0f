import { RecordShape } from '@traffic-events/singer';
import { RecordError } from '../errors.ts';
import type { Fields, RecordFields } from './record-fields.ts';

interface KnownShape {
  readonly shape: RecordShape;
  readonly records: RecordFields;
  readonly places: readonly number[];
}

/** How often a stream's lines may turn out to have another shape before it is no longer tried. */
const MAX_SHAPES_TRIED = 50;

/** A line's fields, found without parsing it. */
export interface FastRecord {
  readonly stream: string;
  readonly fields: Fields;
}

/** Reads RECORD lines that are written like earlier ones of their stream. */
export class FastRecords {
  readonly #known = new Map<string, KnownShape>();
  readonly #shapesTried = new Map<string, number>();
  #last: KnownShape | undefined;

  /**
   * The fields of a line; undefined when it has to be parsed. So has a record at fault: parsing it
   * tells more about the fault.
   */
  read(line: string): FastRecord | undefined {
    try {
      return this.#read(line);
    } catch (error) {
      if (error instanceof RecordError || error instanceof SyntaxError) return undefined;
      throw error;
    }
  }

  /** Adds the shape of a line that had to be parsed, so that the next ones need not. */
  add(stream: string, line: string, records: RecordFields): void {
    if (this.#known.get(stream)?.records !== records) this.#drop(stream);
    const tried = this.#shapesTried.get(stream) ?? 0;
    if (tried >= MAX_SHAPES_TRIED) return;
    this.#shapesTried.set(stream, tried + 1);
    const shape = RecordShape.of(line);
    const places = shape === undefined ? undefined : records.placesOf(shape);
    if (shape === undefined || places === undefined) return;
    this.#last = { shape, records, places };
    this.#known.set(stream, this.#last);
  }

  /** To be called when the schema of a stream has been sent anew. */
  delete(stream: string): void {
    this.#drop(stream);
    this.#shapesTried.delete(stream);
  }

  #drop(stream: string): void {
    this.#known.delete(stream);
    this.#last = undefined;
  }

  #read(line: string): FastRecord | undefined {
    if (this.#last?.shape.match(line) === true) return fieldsOf(line, this.#last);
    for (const known of this.#known.values()) {
      if (known === this.#last || !known.shape.match(line)) continue;
      this.#last = known;
      return fieldsOf(line, known);
    }
    return undefined;
  }
}

function fieldsOf(line: string, { shape, records, places }: KnownShape): FastRecord {
  return { stream: shape.stream, fields: records.ofLine(line, shape, places) };
}
