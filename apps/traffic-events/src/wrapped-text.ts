import { widthOf } from './text-table.ts';

/**
 * Text for people, its lines broken at blanks where they are longer than the terminal is wide; what
 * follows stands below the first, further in by `indent`. A word is never broken: addresses are to be copied.
 */
export function wrappedText(text: string, width: number, indent = 0): string {
  return text
    .split('\n')
    .flatMap((line) => wrappedLine(line, width, indent))
    .join('\n');
}

function wrappedLine(line: string, width: number, indent: number): string[] {
  const margin = ' '.repeat((/^ */.exec(line)?.[0].length ?? 0) + indent);
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const before = rest.lastIndexOf(' ', width);
    const first = lines.length === 0 ? margin.length - indent : margin.length;
    const at = before > first ? before : rest.indexOf(' ', width);
    if (at === -1) break;
    lines.push(rest.slice(0, at));
    rest = `${margin}${rest.slice(at + 1)}`;
  }
  return [...lines, rest];
}

/** Writes text for people, within the width of the terminal where there is one. */
export function writeText(text: string, stream: NodeJS.WriteStream = process.stdout): void {
  stream.write(`${wrappedText(text, widthOf(stream))}\n`);
}
