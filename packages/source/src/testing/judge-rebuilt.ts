import type { JudgedSlice } from './judged-slice.ts';
import { judgeSums } from './judge-slices.ts';
import type { PlayedWorld } from './play-world.ts';
import type { Damaged } from './rebuild-damaged.ts';
import type { WorldTruth } from './world-truth.ts';

/** Whether all that was whole in the archive was loaded again, and what was not was named. */
export async function judgeRebuilt(
  played: PlayedWorld,
  slices: readonly JudgedSlice[],
  truth: WorldTruth,
): Promise<string[]> {
  const { rebuilt, sink } = played;
  if (rebuilt === undefined) return [];
  const faults = [...judgeSkipped(played), ...judgeKept(played)];
  const whole = new Set(
    rebuilt.whole
      .filter(({ fingerprint }) => rebuilt.fingerprints.has(fingerprint))
      .map((each) => each.execution_id),
  );
  for (const slice of slices) {
    const again = rebuilt.sink.slices.get(slice.name);
    if (again !== undefined) {
      const wrong = await judgeSums(slice, again, truth);
      faults.push(...wrong.map((fault) => `rebuilt: ${fault}`));
    }
    const before = sink.slices.get(slice.name);
    if (before === undefined || !whole.has(before.copy.executionId)) continue;
    const { complete, settled } = before.copy;
    if (again === undefined) faults.push(`rebuilt: ${slice.name} is archived, but not held`);
    else if (complete && settled && !(again.copy.complete && again.copy.settled)) {
      faults.push(`rebuilt: ${slice.name} is poorer than it was (${JSON.stringify(again.copy)})`);
    }
  }
  return faults;
}

/** Nothing is loaded whose raw result is not kept. */
function judgeKept({ rebuilt, sink }: PlayedWorld): string[] {
  const kept = new Set([
    ...(rebuilt?.whole ?? []).map((each) => each.execution_id),
    ...(rebuilt?.damaged ?? []).map((each) => each.execution.execution_id),
  ]);
  return [...sink.slices]
    .filter(([, { copy }]) => (copy.rowCount ?? 0) > 0 && !kept.has(copy.executionId))
    .map(([name, { copy }]) => `${name} is held of ${copy.executionId}, whose result is not kept`);
}

function judgeSkipped({ rebuilt }: PlayedWorld): string[] {
  if (rebuilt === undefined) return [];
  const isTold = ({ execution, isDescription }: Damaged) =>
    isDescription || rebuilt.fingerprints.has(execution.fingerprint);
  const { skipped } = rebuilt.summary;
  return rebuilt.damaged.filter(isTold).flatMap(({ execution: { execution_id: id } }) => {
    const told = skipped.filter((message) => message.includes(id)).length;
    return told === 1
      ? []
      : [`rebuilt: the damage to ${id} was told ${told}x: ${skipped.join('; ')}`];
  });
}
