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
const QUOTE = 34;

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

  private constructor(stream: string, members: readonly Member[], text: string, tail: Tail) {
    this.stream = stream;
    this.properties = members.map(({ key }) => key);
    this.#leads = members.map(({ from, start }, index) =>
      text.slice(index === 0 ? 0 : from, start),
    );
    this.#tail = tail;
  }

  /** The shape of a RECORD line that parses; undefined where lines of that kind vary too much. */
  static learn(text: string): RecordShape | undefined {
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
    if (!text.startsWith(this.#leads[0] as string) || CONTROL.test(text)) return false;
    const firstBackslash = text.indexOf('\\');
    let at = 0;
    for (let index = 0; index < this.#leads.length; index += 1) {
      const lead = this.#leads[index] as string;
      if (!text.startsWith(lead, at)) return false;
      const start = at + lead.length;
      const end =
        firstBackslash === -1 && text.charCodeAt(start) === QUOTE
          ? text.indexOf('"', start + 1) + 1
          : valueEnd(text, start);
      if (end <= 0) return false;
      this.starts[index] = start;
      this.ends[index] = end;
      at = end;
    }
    this.firstBackslash = firstBackslash;
    return endsWith(this.#tail, text, at);
  }
}

/** Behind the last value: nothing but closing braces, or the one key that varies from line to line. */
type Tail =
  | { readonly kind: 'fixed'; readonly text: string }
  | { readonly kind: 'extracted'; readonly before: string; readonly after: string };

const EXTRACTED = /^(\s*\}\s*,\s*"time_extracted"\s*:\s*")[^"\\]*("\s*\}\s*)$/;

function tailOf(text: string): Tail | undefined {
  if (/^\s*\}\s*\}\s*$/.test(text)) return { kind: 'fixed', text };
  const [, before, after] = EXTRACTED.exec(text) ?? [];
  if (before === undefined || after === undefined) return undefined;
  return { kind: 'extracted', before, after };
}

function endsWith(tail: Tail, text: string, at: number): boolean {
  if (tail.kind === 'fixed') {
    return text.length === at + tail.text.length && text.endsWith(tail.text);
  }
  if (!text.startsWith(tail.before, at) || !text.endsWith(tail.after)) return false;
  return stringEnd(text, at + tail.before.length - 1) === text.length - tail.after.length + 1;
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
