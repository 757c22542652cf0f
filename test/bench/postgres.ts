import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Simulator } from '@traffic-events/simulator';
import type { Catalog } from '@traffic-events/singer';
import { LEDGER_STREAM } from '@traffic-events/slice';
import { EmbeddedPostgres } from '@traffic-events/warehouse/postgres/embedded';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { benchInput, writeBenchMessages } from './bench-singer.ts';
import {
  benchEnvironment,
  replayCaptures,
  writeCaptures,
  writeSyncConfig,
  writeTapConfig,
} from './bench-api.ts';
import { BENCH_STREAM, TABLE_COLUMNS, writeBenchFiles } from './bench-slice.ts';
import type { BenchFiles } from './bench-slice.ts';
import { atLeast, atMost } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';
import { discover, runPipe, runTarget } from './target-process.ts';

const TRAFFIC_EVENTS = fileURLToPath(
  new URL('../../apps/traffic-events/bin/traffic-events', import.meta.url),
);
const ROWS = 1_000_000;
const REPEATS = 3;
const MANY_TIMES = 10;

type Report = (line: string) => void;

interface Stage {
  readonly server: EmbeddedPostgres;
  readonly directory: string;
  readonly files: BenchFiles;
}

/** `traffic-events sync` beside COPY of the ready CSV into a plain table of the same columns and index. */
export const postgresBench: Bench = {
  names: ['pg.sync_vs_copy'],
  measure: (report) => onStage(report, measureSync),
};

/** `target-postgres` from a file of RECORD messages, in a process of its own. */
export const postgresTargetBench: Bench = {
  names: ['pg.file_vs_copy', 'pg.target_rss_mb', 'pg.target_rss_growth'],
  measure: (report) => onStage(report, measureTarget),
};

/** `tap | target-postgres`, two processes that share the machine with the server. */
export const postgresPipeBench: Bench = {
  names: ['pg.pipe_record_vs_copy'],
  measure: (report) => onStage(report, measurePipe),
};

async function onStage(
  report: Report,
  measure: (stage: Stage, report: Report) => Promise<Measurement[]>,
): Promise<Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), 'traffic-events-bench-'));
  const server = await EmbeddedPostgres.start();
  try {
    const files = await writeBenchFiles(directory, ROWS);
    const megabytes = Math.round((await stat(files.ready)).size / 1e6);
    report(`${ROWS} rows of ${TABLE_COLUMNS.length} columns, ${megabytes} MB as CSV`);
    return await measure({ server, directory, files }, report);
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

async function measureSync(stage: Stage, report: Report): Promise<Measurement[]> {
  const { server, directory, files } = stage;
  const captures = await writeCaptures(directory, files.delivered);
  const times = await inTurns(server, report, files, async (url) => {
    const api = await replayCaptures(captures);
    const seconds = await timeSync(await writeSyncConfig(directory, api, url), api);
    await api.close();
    await expectRows(url, files.rowCount);
    return seconds;
  });
  return [ratio('pg.sync_vs_copy', 0.75, times)];
}

async function measureTarget(stage: Stage, report: Report): Promise<Measurement[]> {
  const { server, directory, files } = stage;
  const messages = await writeBenchMessages(directory, files);
  const load = async (url: string, times: number) => {
    const env = { TARGET_POSTGRES_URL: url };
    const run = await runTarget(benchInput(messages, files, times), env);
    report(`${times * ROWS} rows: peak ${Math.round(run.peakMegabytes)} MB`);
    return run;
  };
  let onceMegabytes = 0;
  const times = await inTurns(server, report, files, async (url) => {
    const run = await load(url, 1);
    onceMegabytes = Math.max(onceMegabytes, run.peakMegabytes);
    return run.seconds;
  });
  const many = await load(await server.createDatabase('many'), MANY_TIMES);
  return [ratio('pg.file_vs_copy', 0.3, times), ...memory(onceMegabytes, many.peakMegabytes)];
}

/** A peak that does not depend on the rows: some leeway is the garbage collector's. */
function memory(onceMegabytes: number, manyMegabytes: number): Measurement[] {
  return [
    atMost(200, {
      name: 'pg.target_rss_mb',
      value: Math.round(Math.max(onceMegabytes, manyMegabytes)),
      unit: 'MB',
      baseline: `highest of 1 and ${MANY_TIMES} million rows`,
    }),
    atMost(1.1, {
      name: 'pg.target_rss_growth',
      value: Math.round((manyMegabytes / onceMegabytes) * 1000) / 1000,
      unit: 'ratio',
      baseline: `${MANY_TIMES} million rows to 1 million: ${Math.round(manyMegabytes)} MB to ${Math.round(onceMegabytes)} MB`,
    }),
  ];
}

async function measurePipe(stage: Stage, report: Report): Promise<Measurement[]> {
  const { server, directory, files } = stage;
  const captures = await writeCaptures(directory, files.delivered);
  const times = await inTurns(server, report, files, async (url) => {
    const api = await replayCaptures(captures);
    const config = await writeTapConfig(directory, api);
    const catalog = join(directory, 'catalog.json');
    await writeFile(catalog, JSON.stringify(ownStreams(await discover(config))));
    const environment = { ...benchEnvironment(api), TARGET_POSTGRES_URL: url };
    const seconds = await runPipe(['--config', config, '--catalog', catalog], environment);
    await api.close();
    await expectRows(url, files.rowCount);
    return seconds;
  });
  return [ratio('pg.pipe_record_vs_copy', 0.25, times)];
}

/** The stream of the result, and the ledger that goes with it. */
function ownStreams({ streams }: Catalog): Catalog {
  const wanted = new Set([BENCH_STREAM.stream, LEDGER_STREAM]);
  return { streams: streams.filter((entry) => wanted.has(entry.tap_stream_id)) };
}

/** A tap that breaks off leaves a target that ends well, with nothing loaded. */
async function expectRows(url: string, rowCount: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const table = `traffic_events.${BENCH_STREAM.stream}`;
  const { rows } = await client.query<{ n: number }>(`SELECT count(*)::int AS n FROM ${table}`);
  await client.end();
  if (rows[0]?.n === rowCount) return;
  throw new Error(`The pipe left ${rows[0]?.n} rows of ${rowCount}. Run its two halves apart.`);
}

interface Times {
  readonly copySeconds: number;
  readonly ourSeconds: number;
}

/** The best of several, in turns, so that a busy moment of the machine hits both. */
async function inTurns(
  server: EmbeddedPostgres,
  report: Report,
  files: BenchFiles,
  ours: (url: string) => Promise<number>,
): Promise<Times> {
  const copies: number[] = [];
  const loads: number[] = [];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const fresh = async (name: string) => {
      await server.dropDatabase(name);
      return server.createDatabase(name);
    };
    copies.push(await timeCopy(await fresh('copy'), files));
    loads.push(await ours(await fresh('ours')));
    report(`COPY ${copies.at(-1)?.toFixed(2)} s, ours ${loads.at(-1)?.toFixed(2)} s`);
  }
  return { copySeconds: Math.min(...copies), ourSeconds: Math.min(...loads) };
}

function ratio(name: string, target: number, { copySeconds, ourSeconds }: Times): Measurement {
  return atLeast(target, {
    name,
    value: Math.round((copySeconds / ourSeconds) * 1000) / 1000,
    unit: 'ratio',
    baseline: `COPY of the same rows as CSV: ${copySeconds.toFixed(2)} s`,
  });
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

/** From the answer to the create to the end of the process: download, check, load and commit. */
async function timeSync(config: string, api: Simulator): Promise<number> {
  const child = spawn(TRAFFIC_EVENTS, ['sync', '--config', config, '--log-format', 'json'], {
    env: { ...process.env, ...benchEnvironment(api) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let startMs = Number.NaN;
  let log = '';
  for await (const line of createInterface({ input: child.stderr })) {
    log += `${line}\n`;
    if (line.includes('"slice.created"')) startMs = performance.now();
  }
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`traffic-events sync: ${log}`);
  return (performance.now() - startMs) / 1000;
}
