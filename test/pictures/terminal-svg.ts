/** Colours of a terminal by the codes of SGR; what has none is written as the text. */
const COLOURS: Readonly<Record<string, string>> = {
  31: '#ff7b72',
  32: '#3fb950',
  33: '#e3b341',
  35: '#bc8cff',
  36: '#56d4dd',
};

const [TEXT, BACKGROUND, DIM] = ['#e6edf3', '#0d1117', '#8b949e'];
const COLUMNS = 82;
const [CHARACTER, LINE, PADDING] = [7.83, 18, 16];

// eslint-disable-next-line no-control-regex
const STYLED = /\u001B\[([\d;]+)m/;

/** What a terminal shows, as a picture: SVG text, in a font of one width. */
export function terminalSvg(output: string): string {
  const lines = output.trimEnd().split('\n').flatMap(folded);
  const columns = Math.max(
    ...lines.map((line) => line.replaceAll(new RegExp(STYLED, 'g'), '').length),
  );
  const width = Math.ceil(columns * CHARACTER) + 2 * PADDING;
  const height = lines.length * LINE + 2 * PADDING;
  const texts = lines.map(
    (line, index) =>
      `<text x="${PADDING}" y="${PADDING + (index + 0.75) * LINE}" xml:space="preserve">${spansOf(line)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="ui-monospace,SFMono-Regular,Menlo,'DejaVu Sans Mono',monospace" font-size="13" fill="${TEXT}"><rect width="100%" height="100%" rx="8" fill="${BACKGROUND}"/>
${texts.join('\n')}
</svg>
`;
}

/** As a terminal does with lines that are too long; those that are styled fit. */
function folded(line: string): string[] {
  if (STYLED.test(line) || line.length <= COLUMNS) return [line];
  return [line.slice(0, COLUMNS), ...folded(line.slice(COLUMNS))];
}

interface Run {
  readonly colour: string;
  readonly text: string;
}

/** Runs of one colour are one span. */
function spansOf(line: string): string {
  const [first = '', ...rest] = line.split(STYLED);
  const runs: Run[] = [{ colour: TEXT, text: first }];
  for (let index = 0; index < rest.length; index += 2) {
    const colour = colourOf(rest[index] ?? '', runs.at(-1)?.colour ?? TEXT);
    runs.push({ colour, text: rest[index + 1] ?? '' });
  }
  return joined(runs.filter(({ text }) => text !== ''))
    .map(({ colour, text }) =>
      colour === TEXT ? escaped(text) : `<tspan fill="${colour}">${escaped(text)}</tspan>`,
    )
    .join('');
}

function joined(runs: readonly Run[]): Run[] {
  const kept: Run[] = [];
  for (const run of runs) {
    const last = kept.at(-1);
    if (last?.colour !== run.colour) kept.push(run);
    else kept[kept.length - 1] = { ...last, text: last.text + run.text };
  }
  return kept;
}

function colourOf(code: string, before: string): string {
  if (code === '2') return DIM;
  if (code === '1') return before;
  return COLOURS[code] ?? TEXT;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
