import type { DownloadedResult } from '@traffic-events/client';

import type { Reading } from './slice-file.ts';

/** What is known of a result beside its rows. */
export interface ResultEvidence {
  /**
   * False where no file was delivered and no metadata says that there are no rows: the result is
   * then not known to be empty, it is not known at all.
   */
  readonly isKnown: boolean;
  /** What speaks against it, in words for the ledger; never empty where it is not known. */
  readonly doubts: readonly string[];
}

/** What can be judged of a download once its rows have been counted. */
export interface ReadResultFacts {
  readonly download: Pick<DownloadedResult, 'statedRows' | 'doubts' | 'mayLack'> & {
    readonly files: readonly unknown[];
  };
  readonly rowCount: number;
  /** Headers that stood among the rows. */
  readonly repeatedHeaders: number;
  readonly hasDataGaps: boolean;
}

/** Rows as they came: metadata counts also those that are left out as they are read. */
export function factsRead({
  summary,
  repeatedHeaders,
  rowsOfNothing,
}: Reading): Pick<ReadResultFacts, 'rowCount' | 'repeatedHeaders'> {
  return { rowCount: summary.rowCount + rowsOfNothing, repeatedHeaders };
}

/** Holds a result to what the API and its metadata say of it. */
export function evidenceOf(facts: ReadResultFacts): ResultEvidence {
  const { download, rowCount, hasDataGaps } = facts;
  const { files, statedRows } = download;
  const isStated = statedRows.length > 0;
  const agrees = agreesWith(statedRows, rowCount);
  const doubts = hasDataGaps ? ['the API reports data gaps'] : [];
  doubts.push(...download.doubts);
  if (!isWhole(statedRows, rowCount)) doubts.push(...download.mayLack);
  if (isStated && !agrees) {
    doubts.push(`its metadata states ${statedRows.join(' and ')} rows, its files have ${rowCount}`);
  }
  if (facts.repeatedHeaders > 0 && !isStated) {
    doubts.push('its header stands again among its rows, so that a part may be there twice');
  }
  const isKnown = files.length > 0 || (isStated && agrees);
  if (!isKnown) doubts.push('the API listed no file for it, which does not say that it is empty');
  return { isKnown, doubts };
}

/** Whether metadata says that no row is missing; that of a part says nothing of the others. */
function isWhole(statedRows: readonly number[], rowCount: number): boolean {
  return statedRows.length > 0 && statedRows.every((rows) => rows === rowCount);
}

/** Metadata may be of the whole, or of a part each; where there is none, nothing disagrees. */
function agreesWith(statedRows: readonly number[], rowCount: number): boolean {
  const sum = statedRows.reduce((total, rows) => total + rows, 0);
  return sum === rowCount || statedRows.every((rows) => rows === rowCount);
}
