import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { PostgresSink } from '@traffic-events/warehouse/postgres';
import { EmbeddedPostgres } from '@traffic-events/warehouse/postgres/embedded';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import {
  BENCH_ACCOUNT,
  BENCH_RUN,
  BENCH_STREAM,
  benchChange,
  benchResult,
  TABLE_COLUMNS,
  writeBenchFiles,
} from './bench-slice.ts';
import type { BenchFiles } from './bench-slice.ts';
import { atLeast } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';

const ROWS = 1_000_000;
const REPEATS = 3;

export const postgresBench: Bench = {
  names: ['pg.sync_vs_copy'],
  measure: measurePostgres,
};

/** Ratios to COPY of the ready CSV into a plain table of the same columns and indexes. */
export async function measurePostgres(report: (line: string) => void): Promise<Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), 'traffic-events-bench-'));
  const server = await EmbeddedPostgres.start();
  try {
    const files = await writeBenchFiles(directory, ROWS);
    const megabytes = Math.round((await stat(files.ready)).size / 1e6);
    report(`${ROWS} rows of ${TABLE_COLUMNS.length} columns, ${megabytes} MB as CSV`);
    const copySeconds: number[] = [];
    const syncSeconds: number[] = [];
    // In turns, so that a busy moment of the machine hits both.
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      copySeconds.push(await timeCopy(await server.createDatabase(`copy_${repeat}`), files));
      syncSeconds.push(await timeSync(await server.createDatabase(`sync_${repeat}`), files));
      report(`COPY ${copySeconds.at(-1)?.toFixed(2)} s, sync ${syncSeconds.at(-1)?.toFixed(2)} s`);
    }
    const [copy, sync] = [Math.min(...copySeconds), Math.min(...syncSeconds)];
    return [
      atLeast(0.75, {
        name: 'pg.sync_vs_copy',
        value: round(copy / sync),
        unit: 'ratio',
        baseline: `COPY of the same rows as CSV: ${copy.toFixed(2)} s`,
      }),
    ];
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

async function timeCopy(url: string, files: BenchFiles): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const columns = TABLE_COLUMNS.map(([name, sqlType]) => `${name} ${sqlType}`).join(', ');
  await client.query(`CREATE TABLE plain (${columns})`);
  await client.query('CREATE INDEX ON plain (account_id, event_date)');
  const startMs = performance.now();
  await pipeline(
    createReadStream(files.ready, { highWaterMark: 256 * 1024 }),
    client.query(copyFrom('COPY plain FROM STDIN (FORMAT csv)')),
  );
  const seconds = (performance.now() - startMs) / 1000;
  await client.end();
  return seconds;
}

async function timeSync(url: string, files: BenchFiles): Promise<number> {
  const sink = new PostgresSink({ connection: { url } });
  await sink.open(BENCH_RUN, [BENCH_STREAM], [BENCH_ACCOUNT]);
  const startMs = performance.now();
  await sink.slice(benchResult(files), benchChange());
  const seconds = (performance.now() - startMs) / 1000;
  await sink.close();
  return seconds;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
