/**
 * A JSON number kept as its digits, for numbers that a double cannot hold. `JSON.stringify` writes
 * it as the number that it is.
 */
export interface ExactNumber {
  readonly rawJSON: string;
}

/** The parts of ES2026's JSON that the compiler's library does not describe yet. */
interface JsonWithSource {
  rawJSON(text: string): ExactNumber;
  isRawJSON(value: unknown): value is ExactNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
  ): unknown;
}

export const jsonWithSource = JSON as unknown as JsonWithSource;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** `digits` as a JSON number, exactly. Throws a TypeError when it is not a JSON number. */
export function exactNumber(digits: string): ExactNumber {
  if (!JSON_NUMBER.test(digits)) throw new TypeError(`not a JSON number: ${digits.slice(0, 60)}`);
  return jsonWithSource.rawJSON(digits);
}

export function isExactNumber(value: unknown): value is ExactNumber {
  return jsonWithSource.isRawJSON(value);
}
