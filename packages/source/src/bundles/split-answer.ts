import { createWriteStream } from 'node:fs';
import type { WriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { once } from 'node:events';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';

import { csvColumnNames, readCsv } from '@traffic-events/client';
import type { CsvRow } from '@traffic-events/client';
import { DISCRIMINATOR_COLUMN } from '@traffic-events/slice';

import { isNothing } from '../results/slice-file.ts';
import { qualifiedName } from './bundle-columns.ts';
import { LABEL_COLUMN } from './compose-bundles.ts';
import type { BundleMember } from './compose-bundles.ts';

/** A file of one stream's rows, as its own query would have given them. */
export interface BranchFile {
  readonly path: string;
  readonly bytes: number;
}

export interface SplitAnswer {
  /** By label, of every member that was asked about. */
  readonly branches: ReadonlyMap<string, BranchFile>;
  /** Rows of the answer as it came, those of other streams included. */
  readonly rows: number;
  /** Headers that stood among the rows. */
  readonly repeatedHeaders: number;
  /** Why none of the branches can be trusted; empty where nothing speaks against them. */
  readonly doubts: readonly string[];
}

export interface SplitOptions {
  readonly members: readonly BundleMember[];
  /** Whether the bundle may have had more members, which were delivered or dropped since. */
  readonly mayHaveOthers: boolean;
  readonly files: readonly { readonly path: string }[];
  /** Where the branches are written. */
  readonly directory: string;
}

/**
 * Splits the answer of a bundle into a file for each of its streams. Cells stay as they came. Rows
 * that no stream claims, or that hold what their stream did not ask for, throw doubt on the whole: a
 * label that is wrong once may be wrong anywhere. What the bundle was besides need not be known:
 * labels and header say it.
 */
export async function splitAnswer(options: SplitOptions): Promise<SplitAnswer> {
  const { members, files, directory } = options;
  const columns = await answerColumns(members, files);
  const targets = new Map(
    members.map((member, index) => [
      member.label,
      new Target(member, columns, join(directory, `branch-${index + 1}.csv`)),
    ]),
  );
  const doubts = new Set<string>();
  let count = 0;
  let repeatedHeaders = 0;
  const onRepeatedHeader = () => {
    repeatedHeaders += 1;
  };
  const types = columns.map(({ name }) => ({ name, type: 'STRING' as const }));
  for await (const rows of readCsv(files, { columns: types, onRepeatedHeader })) {
    for (const row of rows) {
      const label = row[0] ?? null;
      const target = targets.get(label ?? '');
      if (target !== undefined) target.add(row, doubts);
      else if (!options.mayHaveOthers || !LABEL.test(label ?? '')) doubts.add(unknownLabel(label));
    }
    count += rows.length;
    for (const target of targets.values()) await target.drain();
  }
  const branches = new Map<string, BranchFile>();
  for (const [label, target] of targets) branches.set(label, await target.end(doubts));
  return { branches, rows: count, repeatedHeaders, doubts: [...doubts] };
}

const LABEL = /^[a-z][a-z0-9_]*\.[0-9a-f]{16}$/;

interface AnswerColumn {
  readonly name: string;
  readonly isMetric: boolean;
}

/** The columns that the members asked for, between the label and the flag. */
async function answerColumns(
  members: readonly BundleMember[],
  files: readonly { readonly path: string }[],
): Promise<AnswerColumn[]> {
  const header = new Set((await csvColumnNames(files)).map((name) => name.toLowerCase()));
  const own = new Map<string, AnswerColumn>();
  for (const { aggregate } of members) {
    const { dataSource: source, dimensions, metrics } = aggregate;
    for (const column of [...dimensions, ...metrics]) {
      const qualified = qualifiedName(source, column);
      const name = header.has(qualified) ? qualified : column;
      own.set(name, { name, isMetric: metrics.includes(column) });
    }
  }
  return [added(LABEL_COLUMN), ...own.values(), added(DISCRIMINATOR_COLUMN)];
}

/** A column that is of no stream. */
function added(name: string): AnswerColumn {
  return { name, isMetric: false };
}

function unknownLabel(label: string | null): string {
  return label === null
    ? 'a row of the bundle has no label'
    : 'a row of the bundle has a label that was not asked for';
}

/** The file that the rows of one stream go to. */
class Target {
  readonly #member: BundleMember;
  readonly #path: string;
  readonly #stream: WriteStream;
  /** Places of its own columns in a row of the answer, in the order of the stream. */
  readonly #own: readonly number[];
  readonly #foreign: readonly { readonly place: number; readonly isMetric: boolean }[];
  #rows = 0;

  constructor(member: BundleMember, columns: readonly AnswerColumn[], path: string) {
    const { aggregate, stream } = member;
    const names = [...aggregate.dimensions, ...aggregate.metrics];
    const placeOf = (name: string) => columns.findIndex((column) => column.name === name);
    const nameOf = (name: string) => {
      const qualified = qualifiedName(aggregate.dataSource, name);
      return placeOf(qualified) === -1 ? name : qualified;
    };
    this.#member = member;
    this.#path = path;
    this.#stream = createWriteStream(path);
    this.#own = [...names.map((name) => placeOf(nameOf(name))), columns.length - 1];
    const own = new Set([0, ...this.#own]);
    this.#foreign = columns.flatMap(({ isMetric }, place) =>
      own.has(place) ? [] : [{ place, isMetric }],
    );
    this.#stream.write(`${stream.definition.columns.map(({ name }) => name).join(',')}\n`);
  }

  add(row: CsvRow, doubts: Set<string>): void {
    if (this.#foreign.some(({ place, isMetric }) => holds(row[place] ?? null, isMetric))) {
      doubts.add(`a row of ${this.#member.label} holds what that stream did not ask for`);
    }
    this.#rows += 1;
    const cells = this.#own.map((place) => cellText(row[place] ?? null));
    this.#stream.write(`${cells.join(',')}\n`);
  }

  async drain(): Promise<void> {
    if (this.#stream.writableNeedDrain) await once(this.#stream, 'drain');
  }

  async end(doubts: Set<string>): Promise<BranchFile> {
    this.#stream.end();
    await finished(this.#stream);
    if (this.#member.aggregate.omitsEmpty === true && this.#rows > 1) {
      doubts.add(`${this.#member.label} has ${this.#rows} rows, where a total has one`);
    }
    const { size: bytes } = await stat(this.#path);
    return { path: this.#path, bytes };
  }
}

/** A foreign metric is 0, a foreign dimension NULL. */
function holds(cell: string | null, isMetric: boolean): boolean {
  return isMetric ? !isNothing(cell) : cell !== null;
}

/** Quoted where it must be; with a backslash in it as the dialect has it that knows backslashes. */
function cellText(cell: string | null): string {
  if (cell === null) return '';
  if (cell.includes('\\')) return `"${cell.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  return cell === 'NULL' || /[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
