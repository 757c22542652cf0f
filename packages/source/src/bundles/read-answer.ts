import type { DownloadedFile } from '@traffic-events/client';

import { BundleAnswerError } from '../errors.ts';
import { evidenceOf } from '../results/result-evidence.ts';
import type { ReadResultFacts, ResultEvidence } from '../results/result-evidence.ts';
import { readResult } from '../results/slice-file.ts';
import type { Reading } from '../results/slice-file.ts';
import { grainDoubts } from './compare-grains.ts';
import type { BundleMember } from './compose-bundles.ts';
import { splitAnswer } from './split-answer.ts';
import type { BranchFile, SplitOptions } from './split-answer.ts';

/** The rows of one stream, read to their end. */
export interface Branch {
  readonly member: BundleMember;
  /** None where the answer came in none. */
  readonly files: readonly DownloadedFile[];
  readonly reading: Reading;
}

/** The answer of a bundle that nothing speaks against as a whole. */
export interface BundleAnswerReading {
  readonly branches: readonly Branch[];
  /** Of all streams, those of others included. */
  readonly rowCount: number;
  readonly repeatedHeaders: number;
}

/**
 * Splits and reads an answer, whether it comes from the service or from an archive. `sha256` is of the
 * answer as it came, null where that was no file. Throws BundleAnswerError where none of it can be trusted.
 */
export async function readAnswer(
  options: SplitOptions,
  sha256: string | null,
): Promise<BundleAnswerReading> {
  const { branches: parts, rows: rowCount, repeatedHeaders, doubts } = await splitAnswer(options);
  if (doubts.length > 0) throw new BundleAnswerError(doubts);
  const branches: Branch[] = [];
  for (const member of options.members) {
    branches.push(await readBranch(member, parts.get(member.label), sha256));
  }
  const grains = grainDoubts(
    branches.map(({ member, reading }) => ({ member, summary: reading.summary })),
  );
  if (grains.length > 0) throw new BundleAnswerError(grains);
  return { branches, rowCount, repeatedHeaders };
}

async function readBranch(
  member: BundleMember,
  part: BranchFile | undefined,
  sha256: string | null,
): Promise<Branch> {
  if (part === undefined) throw new TypeError(`${member.label} is not in the answer`);
  const { path, bytes } = part;
  const files = sha256 === null ? [] : [{ path, bytes, sha256 }];
  return { member, files, reading: await readResult(member.stream.definition, files) };
}

/** What is known of each branch: it is empty for certain only where the answer has rows of others. */
export function evidenceOfAnswer(
  { rowCount, repeatedHeaders }: BundleAnswerReading,
  facts: Pick<ReadResultFacts, 'download' | 'hasDataGaps'>,
): ResultEvidence {
  const evidence = evidenceOf({ ...facts, rowCount, repeatedHeaders });
  if (rowCount > 0) return evidence;
  const doubt = 'the bundle has no rows of any stream, which its own query has to confirm';
  return { ...evidence, doubts: [...evidence.doubts, doubt] };
}
