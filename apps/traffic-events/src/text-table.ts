/** A column of a table: its heading, and whether its cells are numbers. */
export interface TextColumn {
  readonly head: string;
  readonly isNumber?: boolean;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Lines of a table without borders. Where they would be wider than `width`, the widest columns give
 * way, and their cells are cut.
 */
export function textTable(
  columns: readonly TextColumn[],
  rows: readonly (readonly string[])[],
  width = Infinity,
): string[] {
  const cells = [columns.map(({ head }) => head), ...rows];
  const natural = columns.map((_, index) =>
    Math.max(...cells.map((row) => row[index]?.length ?? 0)),
  );
  const widths = fitted(natural, width - GAP.length * (columns.length - 1));
  return cells.map((row) =>
    columns
      .map(({ isNumber = false }, index) => cell(row[index] ?? '', widths[index] ?? 0, isNumber))
      .join(GAP)
      .trimEnd(),
  );
}

/** Rows of an account each, below its name: beside the other columns it would not fit a terminal. */
export function tablesByAccount<Row extends { readonly accountId: string }>(
  columns: readonly TextColumn[],
  rows: readonly Row[],
  cellsOf: (row: Row) => readonly string[],
  width = Infinity,
): string[] {
  const accounts = Map.groupBy(rows, ({ accountId }) => accountId);
  return [...accounts].flatMap(([accountId, of], index) => [
    ...(index === 0 ? [] : ['']),
    accountId,
    ...textTable(columns, of.map(cellsOf), width),
  ]);
}

/** How wide the terminal is that a stream writes to; no bound where it is none. */
export function widthOf({ columns, isTTY }: NodeJS.WriteStream): number {
  return isTTY && columns > 0 ? columns : Infinity;
}

function fitted(natural: readonly number[], width: number): readonly number[] {
  const widths = [...natural];
  let excess = natural.reduce((sum, each) => sum + each, 0) - width;
  for (let widest = Math.max(...widths); excess > 0 && widest > NARROWEST; excess -= 1) {
    widths[widths.indexOf(widest)] = widest - 1;
    widest = Math.max(...widths);
  }
  return widths;
}

function cell(text: string, width: number, isNumber: boolean): string {
  const cut = text.length > width ? `${text.slice(0, width - 1)}…` : text;
  return isNumber ? cut.padStart(width) : cut.padEnd(width);
}
