import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BigQuery } from '@google-cloud/bigquery';
import type { TableField } from '@google-cloud/bigquery';
import { silentLogger } from '@traffic-events/client';
import { BigQuerySink } from '@traffic-events/warehouse/bigquery';
import { BigQueryEmulator } from '@traffic-events/warehouse/bigquery/emulator';
import { OAuth2Client } from 'google-auth-library';
import { benchInput, writeBenchMessages } from './bench-singer.ts';
import {
  BENCH_ACCOUNT,
  BENCH_RUN,
  BENCH_STREAM,
  benchChange,
  benchResult,
  endOf,
  TABLE_COLUMNS,
  writeBenchFiles,
} from './bench-slice.ts';
import type { BenchFiles } from './bench-slice.ts';
import { atLeast, atMost } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';
import { runTarget } from './target-process.ts';

const ROWS = 200_000;
const REPEATS = 5;
/** 1 and 5 million rows: the same ones again and again, as one slice. */
const TIMES = [5, 25] as const;
const TARGET = fileURLToPath(
  new URL('../../apps/target-bigquery/bin/target-bigquery', import.meta.url),
);
const PROJECT = 'local';

type Report = (line: string) => void;

interface Stage {
  readonly url: string;
  readonly directory: string;
  readonly files: BenchFiles;
}

/** The loader over the emulator, beside one load job of the same rows by Google's client alone. */
export const bigqueryBench: Bench = {
  names: ['bq.load_vs_client', 'bq.jobs_per_flush'],
  measure: (report) =>
    onStage(async (stage) => [await measureLoad(stage, report), await measureJobs(stage)]),
};

/** `target-bigquery` in a process of its own. */
export const bigqueryTargetBench: Bench = {
  names: ['bq.target_rss_mb', 'bq.target_rss_growth'],
  measure: (report) => onStage((stage) => measureMemory(stage, report)),
};

async function onStage(measure: (stage: Stage) => Promise<Measurement[]>): Promise<Measurement[]> {
  const directory = await mkdtemp(join(tmpdir(), 'traffic-events-bench-'));
  const emulator = await BigQueryEmulator.start();
  try {
    const files = await writeBenchFiles(directory, ROWS);
    return await measure({ url: emulator.url, directory, files });
  } finally {
    await emulator.stop();
    await rm(directory, { recursive: true });
  }
}

/** The best of several, in turns, so that a busy moment of the machine hits both. */
async function measureLoad(stage: Stage, report: Report): Promise<Measurement> {
  const lines = await writeLines(stage);
  const [clients, ours]: [number[], number[]] = [[], []];
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    clients.push(await timeClient(stage, `client_${repeat}`, lines));
    ours.push(await timeSink(stage, `sink_${repeat}`));
    report(`client ${clients.at(-1)?.toFixed(2)} s, ours ${ours.at(-1)?.toFixed(2)} s`);
  }
  const clientSeconds = Math.min(...clients);
  return atLeast(0.7, {
    name: 'bq.load_vs_client',
    value: clientSeconds / Math.min(...ours),
    unit: 'ratio',
    baseline: `one load job of the same ${ROWS} rows, as JSON lines in the client's one request: ${clientSeconds.toFixed(2)} s`,
  });
}

/** The rows as the loader sends them. */
async function writeLines({ directory, files }: Stage): Promise<string> {
  const path = join(directory, 'rows.jsonl');
  const output = createWriteStream(path);
  const result = benchResult(files);
  const { mark, marketplace, extractedAt } = result;
  const { account_id, event_date, execution_id } = mark;
  const constants = JSON.stringify({
    account_id,
    marketplace,
    event_date,
    execution_id,
    extracted_at: extractedAt,
  });
  const own = TABLE_COLUMNS.slice(5, -1);
  let rowNumber = 0;
  for await (const batch of result.rows()) {
    const text = batch.map((cells) => {
      rowNumber += 1;
      const values = own.flatMap(([name, sqlType], index) => {
        const cell = cells[index] ?? null;
        if (cell === null) return [];
        return [`"${name}":${jsonOf(cell, sqlType)}`];
      });
      return `${constants.slice(0, -1)},${values.join(',')},"row_number":${rowNumber}}\n`;
    });
    if (!output.write(text.join(''))) await once(output, 'drain');
  }
  await endOf(output);
  return path;
}

/** BigQuery takes integers beyond 2^53 as text. */
function jsonOf(cell: string, sqlType: string): string {
  const isText =
    sqlType === 'text' || (sqlType === 'bigint' && !Number.isSafeInteger(Number(cell)));
  return isText ? JSON.stringify(cell) : cell;
}

const FIELD_TYPES: Readonly<Record<string, string>> = {
  text: 'STRING',
  bigint: 'INTEGER',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamptz: 'TIMESTAMP',
};

async function timeClient({ url }: Stage, name: string, lines: string): Promise<number> {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'emulator' });
  // Without headers of authentication the client's uploads fail.
  const emulated = { apiEndpoint: url, useAuthWithCustomEndpoint: true, authClient };
  const client = new BigQuery({ projectId: PROJECT, ...emulated });
  const [dataset] = await client.createDataset(name);
  const fields: TableField[] = TABLE_COLUMNS.map(([column, sqlType]) => ({
    name: column,
    type: FIELD_TYPES[sqlType] ?? 'STRING',
  }));
  const startMs = performance.now();
  const sourceFormat = 'NEWLINE_DELIMITED_JSON';
  await dataset.table('plain').load(lines, { sourceFormat, schema: { fields } });
  return (performance.now() - startMs) / 1000;
}

async function timeSink({ url, files }: Stage, dataset: string): Promise<number> {
  const sink = new BigQuerySink({ connection: { project: PROJECT, dataset, apiEndpoint: url } });
  await sink.open(BENCH_RUN, [BENCH_STREAM], [BENCH_ACCOUNT]);
  const startMs = performance.now();
  await sink.slice(benchResult(files), benchChange());
  const seconds = (performance.now() - startMs) / 1000;
  await sink.close();
  return seconds;
}

/** What one flush more costs in jobs. */
async function measureJobs({ url, directory }: Stage): Promise<Measurement> {
  const files = await writeBenchFiles(directory, 10);
  const jobsOf = async (dataset: string, flushes: number) => {
    let jobs = 0;
    const info = (fields: Readonly<Record<string, unknown>>) => {
      jobs = Number(fields['jobs'] ?? jobs);
    };
    const sink = new BigQuerySink({
      connection: { project: PROJECT, dataset, apiEndpoint: url },
      logger: { ...silentLogger, info },
    });
    await sink.open(BENCH_RUN, [BENCH_STREAM], [BENCH_ACCOUNT]);
    for (let flush = 0; flush < flushes; flush += 1) {
      await sink.slice(benchResult(files), benchChange());
    }
    await sink.close();
    return jobs;
  };
  const value = (await jobsOf('three', 3)) - (await jobsOf('two', 2));
  return atMost(3, { name: 'bq.jobs_per_flush', value, unit: 'jobs' });
}

async function measureMemory(stage: Stage, report: Report): Promise<Measurement[]> {
  const { url, directory, files } = stage;
  const messages = await writeBenchMessages(directory, files);
  const peaks: number[] = [];
  for (const times of TIMES) {
    const { peakMegabytes, seconds } = await runTarget(
      benchInput(messages, files, times),
      {
        TARGET_BIGQUERY_PROJECT: PROJECT,
        TARGET_BIGQUERY_DATASET: `target_${times}`,
        TARGET_BIGQUERY_API_ENDPOINT: url,
      },
      TARGET,
      ['--config', 'ENV'],
    );
    peaks.push(peakMegabytes);
    report(
      `${(times * ROWS) / 1e6} million rows: peak ${Math.round(peakMegabytes)} MB, ${seconds.toFixed(1)} s`,
    );
  }
  const [once = 0, many = 0] = peaks.map(Math.round);
  const rows = TIMES.map((times) => `${(times * ROWS) / 1e6} million`);
  return [
    atMost(200, {
      name: 'bq.target_rss_mb',
      value: Math.max(once, many),
      unit: 'MB',
      baseline: `highest of ${rows.join(' and ')} rows`,
    }),
    // Some leeway is the garbage collector's.
    atMost(1.1, {
      name: 'bq.target_rss_growth',
      value: Math.round((many / once) * 1000) / 1000,
      unit: 'ratio',
      baseline: `${rows.toReversed().join(' rows to ')}: ${many} MB to ${once} MB`,
    }),
  ];
}
