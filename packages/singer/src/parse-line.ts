import { parseBareNumbers } from './bare-number.ts';
import { parseJson } from './parse-json.ts';

/** A line of JSON, and what it has that JSON does not. */
export interface ParsedLine {
  readonly value: unknown;
  /** NaN or Infinity stand in it, as `BareNumber`s. */
  readonly hasBareNumbers: boolean;
}

/** As `parseJson`, but takes the numbers that Python writes, and any depth. Throws its SyntaxError. */
export function parseLine(text: string): ParsedLine {
  try {
    return { value: parseJson(text), hasBareNumbers: false };
  } catch (error) {
    // Too deep for its digits to be looked at; whoever measures it finds it too deep as well.
    if (error instanceof RangeError) return { value: JSON.parse(text), hasBareNumbers: false };
    if (!/NaN|Infinity/.test(text)) throw error;
    return { value: parseBareNumbers(text), hasBareNumbers: true };
  }
}
