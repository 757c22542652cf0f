import { createHash } from 'node:crypto';

import type { DownloadedFile } from '@traffic-events/client';
import { extractionId } from '@traffic-events/slice';
import type { LedgerRow, SliceResult } from '@traffic-events/slice';

import { isBundleId } from '../streams/bundle-stream.ts';
import type { DeliveryDecision } from './delivery.ts';
import { ledgerRow } from './ledger-rows.ts';
import type { LedgerContext } from './ledger-rows.ts';
import { toIso } from '../state/partition.ts';
import { readRows } from './slice-file.ts';
import type { Reading } from './slice-file.ts';
import type { StreamDefinition } from '../streams/stream.ts';

/** A result that has been read and ranked. */
export interface DecidedResult {
  readonly stream: StreamDefinition;
  readonly context: LedgerContext;
  readonly workflowId: string;
  readonly files: readonly DownloadedFile[];
  readonly reading: Reading;
  readonly decision: DeliveryDecision;
  /** ISO 8601, UTC. */
  readonly extractedAt: string;
}

/** The result as a sink takes it. */
export function sliceResult(result: DecidedResult): SliceResult {
  const { stream, context, files, decision } = result;
  const { summary, canonical } = result.reading;
  const { slice } = context;
  const { copy } = decision;
  const facts = {
    execution_id: copy.executionId,
    complete: copy.complete,
    settled: copy.settled,
    suspect: copy.suspect,
  };
  return {
    mark: {
      stream: slice.stream,
      account_id: slice.accountId,
      event_date: slice.eventDate,
      ...facts,
      row_count: summary.rowCount,
    },
    ledger: ledgerRow(context, {
      ...facts,
      ...measuresOf(result),
      extraction_id: extractionId(
        copy.executionId,
        isBundleId(result.workflowId) ? slice.stream : null,
      ),
      status: decision.ledgerStatus,
      workflow_id: result.workflowId,
      create_time: toIso(copy.createTimeMs),
      raw_sha256: rawHash(files.map(({ sha256 }) => sha256)),
      reason: decision.reason,
    }),
    marketplace: context.marketplace,
    extractedAt: result.extractedAt,
    columns: stream.columns,
    mainSum: copy.mainSum,
    rows: () => readRows(stream, files),
    canonical,
  };
}

/** What the ledger says of the rows; nothing where it is not known what there is. */
function measuresOf({
  reading: { summary },
  decision: { copy },
}: DecidedResult): Pick<LedgerRow, 'row_count' | 'sums' | 'suppressed_share'> {
  const { sums, suppressedShare } = summary;
  if (copy.rowCount !== null) {
    return { row_count: copy.rowCount, sums, suppressed_share: suppressedShare };
  }
  const unknown = Object.keys(sums).map((metric) => [metric, null]);
  return { row_count: null, sums: Object.fromEntries(unknown), suppressed_share: null };
}

/** The hash of the single file; of the files' hashes, in order, where there are several. */
export function rawHash(hashes: readonly string[]): string | null {
  const [first] = hashes;
  if (first === undefined) return null;
  if (hashes.length === 1) return first;
  const hash = createHash('sha256');
  for (const each of hashes) hash.update(each);
  return hash.digest('hex');
}
