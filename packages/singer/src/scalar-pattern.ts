import type { Tail } from './record-tail.ts';

/** Wider lines would make an expression that costs more to compile than it saves. */
const MAX_VALUES = 300;

const CHARACTERS = String.raw`[^"\\\u0000-\u001f]*`;
const STRING = String.raw`"${CHARACTERS}(?:\\.${CHARACTERS})*"`;
const NUMBER = String.raw`[\d.eE+-]+`;
const VALUE = `(${STRING}|${NUMBER}|true|false|null)`;

/**
 * An expression for lines whose values are neither objects nor lists; its groups are the values.
 * One pass of it costs a third of finding each lead and each value's end. It never comes back to
 * more than one place for a character: what a value may go on with is not what may follow it.
 */
export function scalarPattern(leads: readonly string[], tail: Tail): RegExp | undefined {
  if (leads.length > MAX_VALUES) return undefined;
  const end =
    tail.kind === 'fixed'
      ? escaped(tail.text)
      : `${escaped(tail.before)}${CHARACTERS}${escaped(tail.after)}`;
  return new RegExp(`^${leads.map((lead) => escaped(lead) + VALUE).join('')}${end}$`);
}

/** A text as an expression that matches just it. */
function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
