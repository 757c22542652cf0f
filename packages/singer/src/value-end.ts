import { MAX_ITEMS, MAX_LEVELS } from './limits.ts';

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_BRACE = 123;
const CLOSE_BRACE = 125;
const OPEN_BRACKET = 91;
const CLOSE_BRACKET = 93;

/** In longer ones there may be more items than are taken: whoever parses them has to look. */
const MAX_NESTED_CHARACTERS = 2 * MAX_ITEMS;

/** No value where one was expected, or one that may be too large. */
export const NO_VALUE = -1;

/**
 * Index behind the JSON value that begins at `start`, or `NO_VALUE`. Only ends are looked for: what
 * a number or a nested value holds is for whoever parses it to judge.
 */
export function valueEnd(text: string, start: number): number {
  const code = text.charCodeAt(start);
  if (code === QUOTE) return stringEnd(text, start);
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return nestedEnd(text, start);
  if (isNumberCode(code)) return numberEnd(text, start);
  for (const literal of ['null', 'true', 'false']) {
    if (text.startsWith(literal, start)) return start + literal.length;
  }
  return NO_VALUE;
}

/** Index behind the closing quote of the string that begins at `start`. */
export function stringEnd(text: string, start: number): number {
  let close = text.indexOf('"', start + 1);
  while (close !== -1 && isEscaped(text, close)) close = text.indexOf('"', close + 1);
  return close === -1 ? NO_VALUE : close + 1;
}

/** An odd number of backslashes before a quote makes it part of the string. */
function isEscaped(text: string, quote: number): boolean {
  let at = quote - 1;
  while (text.charCodeAt(at) === BACKSLASH) at -= 1;
  return (quote - 1 - at) % 2 === 1;
}

function numberEnd(text: string, start: number): number {
  let end = start + 1;
  while (isNumberCode(text.charCodeAt(end))) end += 1;
  return end;
}

function isNumberCode(code: number): boolean {
  // 0-9 + - . and the e and E of exponents
  return (
    (code >= 48 && code <= 57) ||
    code === 43 ||
    code === 45 ||
    code === 46 ||
    code === 101 ||
    code === 69
  );
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  const last = Math.min(text.length, start + MAX_NESTED_CHARACTERS);
  for (let at = start; at < last; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = stringEnd(text, at);
      if (end === NO_VALUE) return NO_VALUE;
      at = end - 1;
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      depth += 1;
      if (depth > MAX_LEVELS) return NO_VALUE;
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return NO_VALUE;
}
