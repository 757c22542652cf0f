import type { CanonicalCsv, SliceResult } from '@traffic-events/slice';
import { decideSlice } from '../../slices/slice-decision.ts';
import type { SliceDecision } from '../../slices/slice-decision.ts';
import { sliceOf } from '../../slices/slice-execution.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';
import type { PostgresSession } from '../postgres-session.ts';
import { CanonicalRows, canonicalColumns } from './canonical-rows.ts';
import { ResultRows, resultColumns } from './result-rows.ts';
import { RowBuffer } from './row-buffer.ts';
import { enterKept, SliceLoad } from './slice-load.ts';
import type { SliceClosing, SliceTarget } from './slice-load.ts';
import type { EncodingRules } from './value-encoder.ts';

interface LoadedResult {
  readonly result: SliceResult;
  readonly table: PreparedTable;
  readonly rules: EncodingRules;
}

/** Loads a result in one transaction; one that would not be applied is entered without its rows. */
export function loadResult(
  session: PostgresSession,
  loaded: LoadedResult,
  closing: SliceClosing,
): Promise<SliceDecision> {
  const target = targetOf(loaded);
  return session.retry(async () => {
    const { sliceOptions } = session;
    if (await isPoorer(session, closing)) return enterKept(sliceOptions, closing);
    const load = await SliceLoad.begin(sliceOptions, target);
    await copyRows(loaded, load);
    return load.close(closing);
  });
}

async function isPoorer(session: PostgresSession, closing: SliceClosing): Promise<boolean> {
  const { mark, ledger, changes } = closing;
  const held = await session.sliceOptions.transaction.ledgerOf(mark);
  return decideSlice(mark, ledger, held, changes).outcome.kind === 'kept_better';
}

function targetOf({ result, table: { definition } }: LoadedResult): SliceTarget {
  const names = new Map(definition.columns.map(({ property, name }) => [property, name]));
  return {
    ...sliceOf(result.mark),
    executionId: result.mark.execution_id,
    table: definition.table,
    ...layoutOf(result, (column) => names.get(column) ?? column),
    isExpected: true,
  };
}

/** What is canonical goes to COPY as it is: it reads such CSV as our own reader does. */
function layoutOf(
  result: SliceResult,
  nameOf: (column: string) => string,
): Pick<SliceTarget, 'columns' | 'format'> {
  const { canonical } = result;
  if (canonical === undefined) return { columns: resultColumns(result).map(nameOf) };
  return { columns: canonicalColumns(result, canonical).map(nameOf), format: 'csv' };
}

async function copyRows({ result, rules }: LoadedResult, load: SliceLoad): Promise<void> {
  try {
    await (result.canonical === undefined
      ? copyCells(new ResultRows(result, rules), result, load)
      : copyLines(result, result.canonical, load));
  } catch (error) {
    await load.abandon();
    throw error;
  }
}

async function copyCells(rows: ResultRows, result: SliceResult, load: SliceLoad): Promise<void> {
  const buffer = new RowBuffer((bytes) => load.copy.write(bytes));
  for await (const batch of result.rows()) {
    for (const cells of batch) if (buffer.add(rows.next(cells))) await buffer.flush();
  }
  await buffer.flush();
}

async function copyLines(
  result: SliceResult,
  canonical: CanonicalCsv,
  load: SliceLoad,
): Promise<void> {
  const rows = new CanonicalRows(result);
  for await (const lines of canonical.lines()) {
    await load.copy.write(rows.next(lines));
    if (load.copy.isSent) rows.reuse();
  }
}
