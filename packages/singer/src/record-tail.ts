import { stringEnd } from './value-end.ts';

/** Behind the last value: nothing but closing braces, or the one key that varies from line to line. */
export type Tail =
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'extracted'; readonly before: string; readonly after: string };

const EXTRACTED = /^(\s*\}\s*,\s*"time_extracted"\s*:\s*")[^"\\]*("\s*\}\s*)$/;

/** Undefined where lines that end so vary too much. */
export function tailOf(text: string): Tail | undefined {
  if (/^\s*\}\s*\}\s*$/.test(text)) return { kind: 'fixed', text };
  const [, before, after] = EXTRACTED.exec(text) ?? [];
  if (before === undefined || after === undefined) return undefined;
  return { kind: 'extracted', before, after };
}

/** Whether `tail` is what stands behind `at`. */
export function endsWith(tail: Tail, text: string, at: number): boolean {
  if (tail.kind === 'fixed') {
    return text.length === at + tail.text.length && text.endsWith(tail.text);
  }
  if (!text.startsWith(tail.before, at) || !text.endsWith(tail.after)) return false;
  return stringEnd(text, at + tail.before.length - 1) === text.length - tail.after.length + 1;
}
