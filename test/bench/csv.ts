import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

import { readCsv } from '@traffic-events/client';
import type { ColumnType } from '@traffic-events/client';
import { parse } from 'csv-parse';
import { inferSchema, initParser } from 'udsv';

import { CSV_COLUMNS, writeCsvFile } from './csv-file.ts';
import { atLeast, atMost } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';

const ROWS = 1_000_000;
const FEW_ROWS = 100_000;
const MANY_ROWS = 5_000_000;
const REPEATS = 2;

export const csvBench: Bench = {
  names: ['csv.vs_csv_parse', 'csv.udsv_vs_csv_parse', 'csv.rss_growth'],
  measure: async (report) => [...(await measureSpeed(report)), ...(await measureMemory(report))],
};

/** Rows a second to cells that are typed and exact, beside csv-parse and udsv on the same file. */
export async function measureSpeed(report: (line: string) => void): Promise<Measurement[]> {
  return withFolder(async (folder) => {
    const file = path.join(folder, 'result.csv');
    await writeCsvFile(file, ROWS);
    const readers = { ours: readOurs, csvParse: readWithCsvParse, udsv: readWithUdsv };
    const best = { ours: Infinity, csvParse: Infinity, udsv: Infinity };
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      for (const name of ['csvParse', 'ours', 'udsv'] as const) {
        const seconds = await timeReader(readers[name], file);
        best[name] = Math.min(best[name], seconds);
        report(`${name}: ${seconds.toFixed(2)} s`);
      }
    }
    const baseline = `csv-parse with the same checks of each cell: ${best.csvParse.toFixed(2)} s`;
    return [
      atLeast(1.5, {
        name: 'csv.vs_csv_parse',
        value: round(best.csvParse / best.ours),
        unit: 'ratio',
        baseline,
      }),
      {
        name: 'csv.udsv_vs_csv_parse',
        value: round(best.csvParse / best.udsv),
        unit: 'ratio',
        baseline,
        ok: true,
      },
    ];
  });
}

/** Peak memory of a process that reads five million rows over that of one that reads a fiftieth. */
export async function measureMemory(report: (line: string) => void): Promise<Measurement[]> {
  return withFolder(async (folder) => {
    const few = await peakMegabytes(path.join(folder, 'few.csv'), FEW_ROWS);
    const many = await peakMegabytes(path.join(folder, 'many.csv'), MANY_ROWS);
    report(`${FEW_ROWS} rows ${few.toFixed(0)} MB, ${MANY_ROWS} rows ${many.toFixed(0)} MB`);
    return [
      atMost(1.2, {
        name: 'csv.rss_growth',
        value: round(many / few),
        unit: 'ratio',
        baseline: `${few.toFixed(0)} MB at ${FEW_ROWS} rows`,
      }),
    ];
  });
}

async function peakMegabytes(file: string, rows: number): Promise<number> {
  await writeCsvFile(file, rows);
  const program = path.join(import.meta.dirname, 'csv-peak-memory.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [program, file]);
  const result = JSON.parse(stdout) as { rows: number; peakBytes: number };
  if (result.rows !== rows) throw new Error(`read ${result.rows} rows instead of ${rows}`);
  return result.peakBytes / 1e6;
}

async function timeReader(read: (file: string) => Promise<number>, file: string): Promise<number> {
  const startMs = performance.now();
  const rows = await read(file);
  if (rows !== ROWS) throw new Error(`read ${rows} rows instead of ${ROWS}`);
  return (performance.now() - startMs) / 1000;
}

async function readOurs(file: string): Promise<number> {
  let rows = 0;
  for await (const batch of readCsv([{ path: file }], { columns: CSV_COLUMNS })) {
    rows += batch.length;
  }
  return rows;
}

/** What a cell must look like, so that its text is its exact value. */
const SHAPES: Readonly<Record<ColumnType, RegExp | null>> = {
  STRING: null,
  LONG: /^-?\d{1,19}$/,
  INTEGER: /^-?\d{1,19}$/,
  DECIMAL: /^-?\d+(?:\.\d{1,17})?$/,
  DOUBLE: /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/,
  BOOLEAN: /^(?:true|false)$/,
  DATE: /^\d{4}-\d{2}-\d{2}$/,
  TIMESTAMP: /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/,
};
const shapes = CSV_COLUMNS.map(({ type }) => SHAPES[type]);

function toCell(text: string, column: number): string | null {
  if (text === '' || text === 'NULL') return null;
  const shape = shapes[column];
  if (shape && !shape.test(text)) throw new Error(`${text} in column ${column}`);
  return text;
}

async function readWithCsvParse(file: string): Promise<number> {
  const parser = parse({
    escape: '\\',
    fromLine: 2,
    cast: (text, { index }) => toCell(text, index),
  });
  let rows = 0;
  parser.on('data', () => {
    rows += 1;
  });
  await pipeline(createReadStream(file, { highWaterMark: 262_144 }), parser);
  return rows;
}

async function readWithUdsv(file: string): Promise<number> {
  const decoder = new TextDecoder();
  let parser: ReturnType<typeof initParser> | undefined;
  let rows = 0;
  const take = (row: string[]) => {
    row.forEach((text, column) => toCell(text, column));
    rows += 1;
  };
  for await (const bytes of createReadStream(file, { highWaterMark: 262_144 })) {
    const text = decoder.decode(bytes as Buffer, { stream: true });
    parser ??= initParser(inferSchema(text, { esc: '\\' }));
    parser.chunk<string[]>(text, parser.stringArrs, take);
  }
  parser?.end();
  return rows;
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'traffic-events-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
