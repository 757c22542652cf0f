import { endsWith, tailOf } from './record-tail.ts';
import type { Tail } from './record-tail.ts';
import { scalarPattern } from './scalar-pattern.ts';
import { NO_VALUE, stringEnd, valueEnd } from './value-end.ts';

interface Member {
  readonly key: string;
  /** Where the text that leads to the value begins: behind the value before it. */
  readonly from: number;
  readonly start: number;
  readonly end: number;
}

// oxlint-disable-next-line no-control-regex -- JSON allows none of these inside a string
const CONTROL = /[\u0000-\u001f]/;
/** An expression keeps a note of each character that it may come back to. */
const MAX_PATTERN_CHARACTERS = 256 * 1024;

/**
 * How the RECORD lines of a stream are written: which keys in which order, with which spaces between
 * them. Most taps write all of them alike, and then a line's values are found without parsing it.
 */
export class RecordShape {
  readonly stream: string;
  /** Properties in the order in which the lines have them. */
  readonly properties: readonly string[];
  /** After `match`: where each property's value begins in the line. */
  readonly starts: number[] = [];
  /** After `match`: where each property's value ends. */
  readonly ends: number[] = [];
  /** After `match`: the first backslash of the line, or -1. Without one, strings mean themselves. */
  firstBackslash = -1;
  readonly #leads: readonly string[];
  readonly #tail: Tail;
  /** Matches most lines at once; the others are walked through. */
  readonly #pattern: RegExp | undefined;

  private constructor(stream: string, members: readonly Member[], text: string, tail: Tail) {
    this.stream = stream;
    this.properties = members.map(({ key }) => key);
    this.#leads = members.map(({ from, start }, index) =>
      text.slice(index === 0 ? 0 : from, start),
    );
    this.#tail = tail;
    const isFlat = members.every(({ start }) => text[start] !== '{' && text[start] !== '[');
    this.#pattern = isFlat ? scalarPattern(this.#leads, tail) : undefined;
  }

  /** The shape of a RECORD line that parses; undefined where lines of that kind vary too much. */
  static of(text: string): RecordShape | undefined {
    const outer = membersOf(text, text.indexOf('{'));
    const record = outer?.find(({ key }) => key === 'record');
    const stream = outer?.find(({ key }) => key === 'stream');
    if (record === undefined || stream === undefined || stream.start > record.start)
      return undefined;
    const members = membersOf(text, record.start);
    if (members === undefined || members.length === 0) return undefined;
    const tail = tailOf(text.slice(members.at(-1)?.end));
    if (tail === undefined) return undefined;
    const name = JSON.parse(text.slice(stream.start, stream.end)) as string;
    return new RecordShape(name, members, text, tail);
  }

  /** Whether a line has this shape; then `starts` and `ends` tell where its values are. */
  match(text: string): boolean {
    const isMatched = this.#matchAtOnce(text) || this.#walk(text);
    if (isMatched) this.firstBackslash = text.indexOf('\\');
    return isMatched;
  }

  #matchAtOnce(text: string): boolean {
    if (this.#pattern === undefined || text.length > MAX_PATTERN_CHARACTERS) return false;
    const found = this.#pattern.exec(text);
    if (found === null) return false;
    let at = 0;
    for (let index = 0; index < this.#leads.length; index += 1) {
      at += (this.#leads[index] as string).length;
      this.starts[index] = at;
      at += (found[index + 1] as string).length;
      this.ends[index] = at;
    }
    return true;
  }

  #walk(text: string): boolean {
    if (!text.startsWith(this.#leads[0] as string) || CONTROL.test(text)) return false;
    let at = 0;
    for (let index = 0; index < this.#leads.length; index += 1) {
      const lead = this.#leads[index] as string;
      if (!text.startsWith(lead, at)) return false;
      const start = at + lead.length;
      const end = valueEnd(text, start);
      if (end === NO_VALUE) return false;
      this.starts[index] = start;
      this.ends[index] = end;
      at = end;
    }
    return endsWith(this.#tail, text, at);
  }
}

/** Members of the object that begins at `open`. */
function membersOf(text: string, open: number): Member[] | undefined {
  const members: Member[] = [];
  let from = open + 1;
  for (;;) {
    const member = memberAt(text, from);
    if (member === undefined) return undefined;
    members.push(member);
    const next = skipSpace(text, member.end);
    if (text[next] === '}') return members;
    if (text[next] !== ',') return undefined;
    from = member.end;
  }
}

function memberAt(text: string, from: number): Member | undefined {
  const comma = skipSpace(text, from);
  const keyStart = text[comma] === ',' ? skipSpace(text, comma + 1) : comma;
  const keyEnd = text[keyStart] === '"' ? stringEnd(text, keyStart) : NO_VALUE;
  if (keyEnd === NO_VALUE) return undefined;
  const colon = skipSpace(text, keyEnd);
  if (text[colon] !== ':') return undefined;
  const start = skipSpace(text, colon + 1);
  const end = valueEnd(text, start);
  if (end === NO_VALUE) return undefined;
  return { key: JSON.parse(text.slice(keyStart, keyEnd)) as string, from, start, end };
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\r') at += 1;
  return at;
}
