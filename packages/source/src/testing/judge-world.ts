import { judgeCreates } from './judge-creates.ts';
import { judgeLedger } from './judge-ledger.ts';
import { judgeRebuilt } from './judge-rebuilt.ts';
import { judgeRuns } from './judge-runs.ts';
import { judgeSlices } from './judge-slices.ts';
import { slicesOf } from './judged-slice.ts';
import type { PlayedWorld } from './play-world.ts';
import { WorldTruth } from './world-truth.ts';

/** What is wrong with the end of a world, one line each; none when all promises were kept. */
export async function judgeWorld(played: PlayedWorld): Promise<string[]> {
  const truth = new WorldTruth(played);
  const slices = slicesOf(played);
  return [
    ...played.claims,
    ...judgeCreates(played),
    ...judgeRuns(played, slices),
    ...(await judgeSlices(played, slices, truth)),
    ...(await judgeLedger(played, slices, truth)),
    ...(await judgeRebuilt(played, slices, truth)),
  ];
}
