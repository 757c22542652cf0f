import { readFile, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { withStreams } from '../streams/account-streams.ts';
import { asHeld } from '../state/held-accounts.ts';
import type { ArchivedExecution } from '../archive/archive.ts';
import { LocalArchive } from '../archive/local-archive.ts';
import { runRebuild } from '../archive/rebuild.ts';
import type { RebuildSummary } from '../archive/rebuild.ts';
import type { PlannedWorld } from './generate-world.ts';
import { MemorySink } from './memory-sink.ts';
import { SeededRandom } from './seeded-random.ts';

/** A warehouse that was loaded from an archive some of whose files were damaged or missing. */
export interface RebuiltWorld {
  readonly sink: MemorySink;
  readonly summary: RebuildSummary;
  /** Fingerprints of the definitions that were loaded. */
  readonly fingerprints: ReadonlySet<string>;
  /** Executions whose files were whole. */
  readonly whole: readonly ArchivedExecution[];
  /** Executions of which a file was damaged or removed, and whether that was the description. */
  readonly damaged: readonly Damaged[];
}

export interface Damaged {
  readonly execution: ArchivedExecution;
  readonly isDescription: boolean;
}

const DAMAGED_SHARE = 0.15;

/** Damages an archive, and loads what can be loaded by the world's last definition. */
export async function rebuildDamaged(
  planned: PlannedWorld,
  held: MemorySink,
  folder: string,
): Promise<RebuiltWorld> {
  const random = new SeededRandom(planned.seed);
  const archive = new LocalArchive({ folder });
  const whole: ArchivedExecution[] = [];
  const damaged: Damaged[] = [];
  const executions = await Array.fromAsync(archive.list());
  for (const execution of executions) {
    if (execution.sha256.length === 0 || !random.chance(DAMAGED_SHARE)) whole.push(execution);
    else damaged.push(await damage(execution, folder, random));
  }
  const sink = new MemorySink();
  const ids = [...new Set([...held.slices.keys()].map((name) => name.split(' ')[1] ?? ''))];
  const isSecond = planned.runs.some(
    ({ definition, accept }) => definition === 1 && accept !== null,
  );
  const accounts = planned.accounts.map((account) => asHeld(account, ids));
  const streams = planned.definitions[isSecond ? 1 : 0];
  const summary = await runRebuild({
    archive,
    accounts,
    streams,
    state: [],
    sink,
    runId: 'rebuild',
    startedAt: '2026-12-31T00:00:00.000Z',
  });
  const fingerprints = accounts.flatMap((account) =>
    [...withStreams(account, streams).streams.values()].map(({ fingerprint }) => fingerprint),
  );
  return { sink, summary, fingerprints: new Set(fingerprints), whole, damaged };
}

async function damage(
  execution: ArchivedExecution,
  folder: string,
  random: SeededRandom,
): Promise<Damaged> {
  const names = await readdir(folder, { recursive: true });
  const own = names.filter((name) => name.includes(execution.execution_id)).sort();
  const path = join(folder, random.pick(own));
  const bytes = await readFile(path);
  const how = random.pick(['removed', 'cut', 'other'] as const);
  if (how === 'removed') await rm(path);
  else if (how === 'cut') await truncate(path, Math.floor(bytes.length / 2));
  else await writeFile(path, Buffer.from(bytes.map((byte) => byte ^ 0x55)));
  return { execution, isDescription: path.endsWith('.json') };
}
