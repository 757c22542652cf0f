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
  if (pattern.length > MAX_PATTERN_CHARACTERS) return undefined;
  try {
    const expression = RE2JS.compile(translated(pattern));
    return (text) => expression.test(text);
  } catch {
    return undefined;
  }
}

const TOKEN =
  /\\u(?<high>d[89ab][\da-f]{2})\\u(?<low>d[c-f][\da-f]{2})|\\u(?<unit>[\da-f]{4})|\\u\{(?<point>[\da-f]{1,6})\}|\\?[^]/gi;
/** What JavaScript counts as blank, and RE2 does not. */
const MORE_BLANKS = String.raw`\v\x{feff}\pZ`;

/** What JavaScript (JSON Schema) and Python write otherwise than RE2. */
function translated(pattern: string): string {
  let isInClass = false;
  return pattern.replaceAll(TOKEN, (token, ...rest) => {
    const { high, low, unit, point } = rest.at(-1) as Readonly<Record<string, string | undefined>>;
    const hex = unit ?? point;
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
