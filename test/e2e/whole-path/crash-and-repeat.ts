import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { loadedOf, mixedSlicesOf, truthOf } from '../oracle.ts';
import { warehouseKind } from '../warehouse-under-test.ts';
import type { WarehouseUnderTest } from '../warehouse-kind.ts';
import type { World } from '../world.ts';
import { accountOf, expectTruth, startWorld, STREAMS } from './settled-world.ts';

const VICTIMS = ['tap', 'target', 'sync'] as const;
type Victim = (typeof VICTIMS)[number];

/** Runs of a seed that are killed; the next one is left alone. */
const CRASHES = 2;
/** A target that has so many rows commits them, instead of waiting for the tap's end. */
const BATCH_ROWS = 30;

interface Ending {
  readonly isKilled: boolean;
  readonly codes: readonly (number | null)[];
  readonly log: string;
  /** The last that was passed on. */
  readonly state?: string | undefined;
}

/** Plays one seed: kills a program until it may end, then compares. Answers how many kills hit. */
export async function crashAndRepeat(seed: number): Promise<number> {
  const victim = VICTIMS[seed % VICTIMS.length] ?? 'tap';
  await using world = await startWorld({ days: 1, eventsPerDay: 100, seed });
  const warehouse = await world.warehouse(warehouseKind);
  let state: string | undefined;
  for (let crashes = 0; ; crashes += 1) {
    const kill = crashes < CRASHES ? killOf(seed, crashes, victim) : undefined;
    const ending = await play({ world, warehouse, victim, state, kill });
    await expectWholeSlices(world, warehouse);
    if (!ending.isKilled) {
      expect(ending, ending.log).toMatchObject({ codes: ending.codes.map(() => 0) });
      await expectTruth(world, warehouse);
      return crashes;
    }
    state = ending.state ?? state;
  }
}

/** By line and delay, so that kills hit between the messages and in the middle of a commit. */
function killOf(seed: number, crash: number, victim: Victim) {
  const { pipedLines, loggedLines, commitMs } = warehouseKind.crash;
  // What a run has loaded before it was killed is not asked for by the next.
  const lines = (victim === 'sync' ? loggedLines : pipedLines) / (crash + 1);
  return {
    afterLines: 1 + Math.floor(drawOf(seed, `line ${crash}`) * lines),
    delayMs: drawOf(seed, `delay ${crash}`) * commitMs,
  };
}

/** A number of [0, 1) for each seed and purpose. */
function drawOf(seed: number, purpose: string): number {
  return createHash('sha256').update(`${seed} ${purpose}`).digest().readUInt32BE() / 2 ** 32;
}

interface Run {
  readonly world: World;
  readonly warehouse: WarehouseUnderTest;
  readonly victim: Victim;
  readonly state: string | undefined;
  readonly kill: ReturnType<typeof killOf> | undefined;
}

async function play({ world, warehouse, victim, state, kill }: Run): Promise<Ending> {
  if (victim === 'sync') {
    const { code, signal, stderr } = await world.sync(warehouse, kill);
    return { isKilled: signal === 'SIGKILL', codes: [code], log: stderr };
  }
  const { program, config } = warehouse.target;
  const { tap, target, states } = await world.pipe(
    { target: { program, config: { ...config, batch_size_rows: BATCH_ROWS } } },
    { state, kill: kill && { program: victim, ...kill } },
  );
  return {
    isKilled: (victim === 'tap' ? tap : target).signal === 'SIGKILL',
    codes: [tap.code, target.code],
    log: tap.stderr + target.stderr,
    state: states.at(-1),
  };
}

/** What has been loaded by now is there once and whole, wherever a program died. */
async function expectWholeSlices(world: World, warehouse: WarehouseUnderTest): Promise<void> {
  const tables = await warehouse.tables();
  for (const stream of STREAMS.filter((name) => tables.includes(name))) {
    expect(await mixedSlicesOf(warehouse, stream), stream).toEqual([]);
    const truth = await truthOf(world.simulator, stream, accountOf(stream), world.dates);
    expect(truth, stream).toMatchObject(await loadedOf(warehouse, stream, accountOf(stream)));
  }
}
