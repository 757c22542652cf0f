import { LEDGER_STATUSES } from '@traffic-events/slice';
import type { LedgerRow } from '@traffic-events/slice';
import { cleanText } from '@traffic-events/client';
import { z } from 'zod';
import { RecordError } from '../errors.ts';

const text = z.string();
const nullableText = z
  .string()
  .nullish()
  .transform((value) => value ?? null);
const nullableBoolean = z
  .boolean()
  .nullish()
  .transform((value) => value ?? null);
const nullableNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);

const ledgerRecord = z.object({
  extraction_id: text,
  stream: text,
  account_id: text,
  marketplace: text,
  event_date: text,
  status: z.enum(LEDGER_STATUSES),
  execution_id: nullableText,
  workflow_id: nullableText,
  create_time: nullableText,
  row_count: nullableNumber,
  sums: z.record(z.string(), z.string().nullable()),
  suppressed_share: nullableNumber,
  complete: nullableBoolean,
  settled: nullableBoolean,
  suspect: nullableBoolean,
  fingerprint: text,
  raw_sha256: nullableText,
  // What a service or a tap gives as a reason may hold what no warehouse can.
  reason: nullableText.transform((value) => (value === null ? null : cleanText(value))),
  run_id: text,
  recorded_at: text,
});

/** A record of the ledger's stream as a row of it. Throws `RecordError`. */
export function readLedgerRecord(
  stream: string,
  record: Readonly<Record<string, unknown>>,
): LedgerRow {
  const parsed = ledgerRecord.safeParse(record);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RecordError(`is not as the ledger has it: ${issue?.message ?? 'unknown'}.`, {
    stream,
    property: issue?.path.join('.'),
    key: JSON.stringify(record['extraction_id'] ?? null),
  });
}
