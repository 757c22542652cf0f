import { parseJson } from '@traffic-events/singer';
import { parse, printParseErrorCode } from 'jsonc-parser';
import type { ParseError } from 'jsonc-parser';

import { ConfigError } from '../config-error.ts';

/**
 * The value of a JSON text, digits kept; an empty one is `{}`. Throws ConfigError with file, line and
 * column, never the text, which may hold a secret.
 */
export function parseJsonText(text: string, path: string): unknown {
  const json = text.replace(/^\uFEFF/, '');
  if (json.trim() === '') return {};
  try {
    return parseJson(json);
  } catch {
    throw new ConfigError(`${path}: ${placeAndReason(json)}.`);
  }
}

/** The parser of the language shows the text around a fault, and has no place for some. */
function placeAndReason(text: string): string {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true, allowTrailingComma: false });
  const [first] = errors;
  if (first === undefined) return 'is not JSON';
  const before = text.slice(0, first.offset).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  return `line ${before.length}, column ${column}: ${REASONS[printParseErrorCode(first.error)]}`;
}

type Fault = ReturnType<typeof printParseErrorCode>;

const REASONS: Readonly<Record<Fault, string>> = {
  InvalidSymbol: 'a value is none of JSON; put texts in double quotes',
  InvalidNumberFormat: 'a number is none of JSON',
  PropertyNameExpected: 'a key in double quotes is expected; is there a comma too many?',
  ValueExpected: 'a value is expected; is there a comma too many?',
  ColonExpected: 'a colon is expected behind the key',
  CommaExpected: 'a comma is expected between two entries',
  CloseBraceExpected: 'a closing } is expected',
  CloseBracketExpected: 'a closing ] is expected',
  EndOfFileExpected: 'nothing more is expected behind the value',
  InvalidCommentToken: 'JSON has no comments',
  UnexpectedEndOfComment: 'JSON has no comments',
  UnexpectedEndOfString: 'a closing quote is missing',
  UnexpectedEndOfNumber: 'a number ends too early',
  InvalidCharacter: 'a text holds a line break or a tab; write \\n or \\t',
  InvalidEscapeCharacter: 'a backslash begins no escape of JSON; write it twice',
  InvalidUnicode: 'a \\u is followed by no four hexadecimal digits',
  '<unknown ParseErrorCode>': 'it is not JSON',
};
