import { RE2JS } from 're2js';

/** Whether some part of a text matches. */
export type PatternTest = (text: string) => boolean;

/** Longer ones would take long to compile. */
const MAX_PATTERN_CHARACTERS = 10_000;

/**
 * A pattern of JSON Schema, matched in time that grows with the text and no faster: `(a+)+$` cannot
 * hang. Undefined for one that looks around, refers back, or is none at all.
 */
export function compilePattern(pattern: string): PatternTest | undefined {
  if (pattern.length > MAX_PATTERN_CHARACTERS || IS_AMBIGUOUS.test(pattern)) return undefined;
  try {
    const expression = RE2JS.compile(translated(pattern));
    return (text) => expression.test(text);
  } catch {
    return undefined;
  }
}

const TOKEN =
  /\\u(?<high>[dD][89abAB][\da-fA-F]{2})\\u(?<low>[dD][c-fC-F][\da-fA-F]{2})|\\(?:u(?<unit>[\da-fA-F]{4})|U(?<long>[\da-fA-F]{8})|u\{(?<point>[\da-fA-F]{1,6})\})|\\?[^]/g;
/** To Python it means at most n times, to JavaScript these characters. */
const IS_AMBIGUOUS = /(?<!\\)\{,\d/;
/** What JavaScript counts as blank, and RE2 does not. */
const MORE_BLANKS = String.raw`\v\x{feff}\pZ`;

/** What JavaScript (JSON Schema) and Python write otherwise than RE2. */
function translated(pattern: string): string {
  let isInClass = false;
  return pattern.replaceAll(TOKEN, (token, ...rest) => {
    const { high, low, unit, long, point } = rest.at(-1) as Readonly<
      Record<string, string | undefined>
    >;
    const hex = unit ?? long ?? point;
    if (hex !== undefined) return `\\x{${hex}}`;
    if (high !== undefined && low !== undefined) {
      return `\\x{${JSON.parse(`"\\u${high}\\u${low}"`).codePointAt(0).toString(16)}}`;
    }
    const wasInClass = isInClass;
    if (token === '[') isInClass = true;
    if (token === ']') isInClass = false;
    switch (token) {
      case String.raw`\Z`:
        return String.raw`\z`;
      case String.raw`\s`:
        return wasInClass ? String.raw`\s${MORE_BLANKS}` : `[\\s${MORE_BLANKS}]`;
      case String.raw`\S`:
        return wasInClass ? token : `[^\\s${MORE_BLANKS}]`;
      default:
        return token;
    }
  });
}
