import { canonicalLines, readCsv, scanCanonicalCsv } from '@traffic-events/client';
import type { DownloadedFile, PickedCell } from '@traffic-events/client';
import type { CanonicalCsv, ResultRow } from '@traffic-events/slice';

import type { StreamDefinition } from '../streams/stream.ts';
import { REASON_COLUMN } from '../streams/report-streams.ts';
import { Summariser, summaryColumns } from './summarise.ts';
import type { ResultSummary } from './summarise.ts';

/** What one reading of a downloaded result has found. */
export interface Reading {
  readonly summary: ResultSummary;
  /** Headers that stood among the rows. */
  readonly repeatedHeaders: number;
  /** Rows that say of a total that there were no events. */
  readonly rowsOfNothing: number;
  /** Where the files say everything as the rows do. */
  readonly canonical: CanonicalCsv | undefined;
}

/** Reads a result to its end and checks it: most are canonical, which costs less to see. */
export async function readResult(
  stream: StreamDefinition,
  files: readonly DownloadedFile[],
): Promise<Reading> {
  const scanned = mayBeCanonical(stream) ? await scanResult(stream, files) : undefined;
  if (scanned !== undefined) return scanned;
  const summariser = new Summariser(stream, summaryColumns(stream));
  const aside = { repeatedHeaders: 0, rowsOfNothing: 0 };
  for await (const rows of readRows(stream, files, (kind) => (aside[kind] += 1))) {
    for (const row of rows) summariser.add(row);
  }
  return { summary: summariser.summary(), ...aside, canonical: undefined };
}

async function scanResult(
  stream: StreamDefinition,
  files: readonly DownloadedFile[],
): Promise<Reading | undefined> {
  const { columns } = stream;
  const picked = summaryColumns(stream);
  const summariser = new Summariser(stream, [...picked.keys()]);
  let isFlagMissing = false;
  const visit = (cells: readonly PickedCell[]) => {
    if (cells[0] === null) isFlagMissing = true;
    summariser.add(cells);
  };
  const scan = await scanCanonicalCsv(files, { columns, picked, visit });
  if (scan === undefined || isFlagMissing) return undefined;
  const canonical = { order: scan.order, lines: () => canonicalLines(files) };
  return { summary: summariser.summary(), repeatedHeaders: 0, rowsOfNothing: 0, canonical };
}

/** Whether rows carry their flag themselves, and none of them is left out. */
function mayBeCanonical({ columns, aggregate }: StreamDefinition): boolean {
  return !columns.some(({ name }) => name === REASON_COLUMN) && aggregate?.omitsEmpty !== true;
}

/** What stands among the rows of a file and is none. */
type Aside = 'repeatedHeaders' | 'rowsOfNothing';

/**
 * The rows of a downloaded result, in the order of the stream's columns; may be read repeatedly. A
 * templated report flags no rows, but gives a reason where it withheld something.
 */
export async function* readRows(
  stream: StreamDefinition,
  files: readonly DownloadedFile[],
  onAside: (kind: Aside) => void = () => {},
): AsyncGenerator<readonly ResultRow[]> {
  const { columns } = stream;
  const flagAt = columns.findIndex(({ role }) => role === 'discriminator');
  const reasonAt = columns.findIndex(({ name }) => name === REASON_COLUMN);
  const onRepeatedHeader = () => onAside('repeatedHeaders');
  for await (const rows of readCsv(files, { columns, onRepeatedHeader })) {
    for (const row of rows) row[flagAt] ??= String((row[reasonAt] ?? null) !== null);
    yield rows.filter((row) => {
      const isOne = isRowOfNothing(stream, row, flagAt);
      if (isOne) onAside('rowsOfNothing');
      return !isOne;
    });
  }
}

/**
 * Without dimensions SQL answers a row of NULLs where there are no events, which would read as
 * unknown. Not every service takes the HAVING that would leave it out.
 */
function isRowOfNothing(
  { columns, aggregate }: StreamDefinition,
  row: ResultRow,
  flagAt: number,
): boolean {
  if (aggregate?.omitsEmpty !== true || /^(true|1)$/i.test(row[flagAt] ?? '')) return false;
  return columns.every((_, place) => place === flagAt || isNothing(row[place] ?? null));
}

/** What a metric says where it has nothing to say. */
export function isNothing(cell: string | null): boolean {
  return cell === null || /^-?0(\.0*)?(e[+-]?\d+)?$/i.test(cell);
}
