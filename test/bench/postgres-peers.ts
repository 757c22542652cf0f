import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '@traffic-events/warehouse/postgres/embedded';
import { hasPython, peerFolder } from '../conformance/python-peers.ts';
import { writeBenchMessages } from './bench-singer.ts';
import { BENCH_STREAM, writeBenchFiles } from './bench-slice.ts';
import { atLeast } from './measurement.ts';
import type { Bench, Measurement } from './measurement.ts';
import { runTarget } from './target-process.ts';

const ROWS = 100_000;

/** Ours beside MeltanoLabs' target-postgres with COPY, on the same file of a stream with keys. */
export const postgresPeersBench: Bench = {
  names: ['pg.vs_meltanolabs'],
  measure: measurePeers,
};

async function measurePeers(report: (line: string) => void): Promise<Measurement[]> {
  if (!hasPython()) return [];
  const peer = join(await peerFolder('target-postgres'), 'target-postgres');
  const directory = await mkdtemp(join(tmpdir(), 'traffic-events-bench-'));
  const server = await EmbeddedPostgres.start();
  try {
    const messages = await writeBenchMessages(directory, await writeBenchFiles(directory, ROWS));
    const input = () => keyedInput(messages.recordsPath);
    const ours = await runTarget(input(), {
      TARGET_POSTGRES_URL: await server.createDatabase('ours'),
    });
    report(`${ROWS} rows: ours ${ours.seconds.toFixed(2)} s`);
    await server.createDatabase('theirs');
    const config = join(directory, 'config.json');
    await writeFile(config, JSON.stringify(peerConfig(server)));
    const theirs = await runTarget(input(), {}, peer, ['--config', config]);
    report(`${ROWS} rows: MeltanoLabs' ${theirs.seconds.toFixed(2)} s`);
    return [
      atLeast(8, {
        name: 'pg.vs_meltanolabs',
        value: Math.round((theirs.seconds / ours.seconds) * 10) / 10,
        unit: 'ratio',
        baseline: `MeltanoLabs' target-postgres 0.8.1 with use_copy: ${theirs.seconds.toFixed(1)} s`,
      }),
    ];
  } finally {
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

function peerConfig({ host, port, user, password }: EmbeddedPostgres): object {
  return {
    host,
    port,
    user,
    password,
    database: 'theirs',
    use_copy: true,
    default_target_schema: 'loaded',
    activate_version: false,
    add_record_metadata: false,
  };
}

/** A stream like any other: what only our target understands is left out. */
async function* keyedInput(recordsPath: string): AsyncGenerator<Buffer> {
  const { 'x-replace-by': _, ...schema } = BENCH_STREAM.schema;
  const { stream, keyProperties } = BENCH_STREAM;
  const message = { type: 'SCHEMA', stream, schema, key_properties: keyProperties };
  yield Buffer.from(`${JSON.stringify(message)}\n`);
  for await (const bytes of createReadStream(recordsPath)) yield bytes as Buffer;
  yield Buffer.from(`${JSON.stringify({ type: 'STATE', value: { done: true } })}\n`);
}
