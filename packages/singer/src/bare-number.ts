import { jsonWithSource } from './exact-number.ts';
import { NO_VALUE, stringEnd } from './value-end.ts';

/** What Python's json writes for numbers that JSON does not have. */
const BARE_NUMBER = /-?Infinity|NaN/g;

/** A number that JSON does not have, as it was written; a text wherever it is written again. */
export class BareNumber {
  readonly token: string;
  constructor(token: string) {
    this.token = token;
  }
  toJSON(): string {
    return this.token;
  }
}

/** Spellings of texts that nothing else writes so, and the numbers that they stand for. */
const STAND_INS: ReadonlyMap<string | undefined, string> = new Map(
  ['NaN', 'Infinity', '-Infinity'].map((token) => [standIn(token), token]),
);

/**
 * `JSON.parse`, except that NaN and Infinity are `BareNumber`s; texts, where they are too deep for
 * that. Throws its SyntaxError.
 */
export function parseBareNumbers(text: string): unknown {
  const json = outsideStrings(text);
  try {
    return jsonWithSource.parse(json, (_key, value, { source }) => {
      const token = STAND_INS.get(source);
      return token === undefined ? value : new BareNumber(token);
    });
  } catch (error) {
    if (error instanceof RangeError) return JSON.parse(json);
    throw error;
  }
}

function standIn(token: string): string {
  const first = token.charCodeAt(0).toString(16).padStart(4, '0');
  return `"\\u${first}${token.slice(1)}"`;
}

function outsideStrings(text: string): string {
  let quoted = '';
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const open = quote === -1 ? text.length : quote;
    quoted += text.slice(at, open).replaceAll(BARE_NUMBER, standIn);
    const end = quote === -1 ? open : stringEnd(text, quote);
    at = end === NO_VALUE ? text.length : end;
    quoted += text.slice(open, at);
  }
  return quoted;
}
