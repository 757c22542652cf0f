import { z } from 'zod';

import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import type { ExecutionState, WorkflowExecution } from '../execution.ts';
import type { ApiAnswer } from '../http/api-request.ts';
import { cleanIdentifier, isIdentifier } from '../text/clean-text.ts';
import { asObject } from '../text/json.ts';
import { parseInstant } from './instant.ts';
import { readWindow } from './read-window.ts';

/** Everything but the id is optional: the documentation's samples leave out one or the other. */
const executionSchema = z.looseObject({
  workflowExecutionId: z.string().refine(isIdentifier),
  workflowId: z.string().nullish().catch(null),
  status: z.string().nullish().catch(null),
});

type RawExecution = z.infer<typeof executionSchema>;
type Clean = ApiAnswer['clean'];

/** Between the clocks of the API's own machines. */
const MAX_AHEAD_MS = 5 * 60_000;

/** The status before it, it fits into what a ledger row keeps. */
const MAX_REASON_LENGTH = 900;
/** Of a status. */
const MAX_WORD_LENGTH = 64;
/** That there are any is what matters. */
const MAX_GAPS = 100;

const SUCCEEDED = 'SUCCEEDED';
const FAILED = new Set(['FAILED', 'REJECTED', 'CANCELLED', 'CANCELED', 'EXPIRED', 'TIMED_OUT']);
const ACTIVE = new Set(['PENDING', 'RUNNING', 'PUBLISHING']);

/** Where answers say why an execution failed, by the keys seen at this API and its sibling. */
const REASON_KEYS = [
  'workflowexecutionstatusreason',
  'statusreason',
  'failurereason',
  'errorreason',
  'details',
  'message',
];

/** What a status means; one that nobody knows is polled on, as an execution under way. */
export function stateOf(status: string): ExecutionState {
  const known = status.toUpperCase();
  if (known === SUCCEEDED) return 'succeeded';
  return FAILED.has(known) ? 'failed' : 'active';
}

export function isKnownStatus(status: string): boolean {
  const known = status.toUpperCase();
  return known === SUCCEEDED || FAILED.has(known) || ACTIVE.has(known);
}

/** Reads the answer to a create or a get, nested in `workflowExecution` or flat. */
export function readExecution(answer: ApiAnswer): WorkflowExecution {
  const execution = toExecution(answer.json, answer);
  if (execution !== null) return execution;
  throw new ResponseMalformedError(
    'The API answered with success, but without a workflowExecutionId. Report this with the request id',
    { requestId: answer.requestId },
  );
}

/** An execution from a part of an answer; null when it is none. */
export function toExecution(
  json: unknown,
  { apiTimeMs, clean }: Pick<ApiAnswer, 'apiTimeMs' | 'clean'>,
): WorkflowExecution | null {
  const parsed = executionSchema.safeParse(unwrap(json));
  if (!parsed.success) return null;
  const raw = parsed.data;
  const status = raw.status ?? 'PENDING';
  return {
    id: raw.workflowExecutionId,
    workflowId: raw.workflowId == null ? null : cleanIdentifier(raw.workflowId, clean),
    status: clean(status, MAX_WORD_LENGTH),
    state: stateOf(status),
    createTimeMs: createTimeOf(raw, apiTimeMs),
    lastUpdatedTimeMs: parseInstant(raw['lastUpdatedTime']),
    expireTimeMs: parseInstant(raw['expireTime']),
    ...timeoutOf(raw),
    reason: reasonOf(raw, clean),
    dataGaps: gapsOf(raw, clean),
    window: readWindow(raw, clean),
    apiTimeMs,
  };
}

function timeoutOf(raw: RawExecution): { timeoutMs?: number } {
  const seconds = Number(raw['workflowExecutionTimeoutSeconds'] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? { timeoutMs: seconds * 1000 } : {};
}

function unwrap(json: unknown): unknown {
  const inner = asObject(json)?.['workflowExecution'];
  return asObject(inner) ?? json;
}

/** What is created later than it is answered for has no date that could be believed. */
function createTimeOf(raw: RawExecution, apiTimeMs: number | null): number | null {
  const createTimeMs = parseInstant(raw['createTime']);
  if (createTimeMs === null || apiTimeMs === null) return createTimeMs;
  return createTimeMs > apiTimeMs + MAX_AHEAD_MS ? null : createTimeMs;
}

function reasonOf(raw: RawExecution, clean: Clean): string | null {
  const entries = new Map(Object.entries(raw).map(([key, value]) => [key.toLowerCase(), value]));
  for (const key of REASON_KEYS) {
    const value = entries.get(key);
    if (typeof value !== 'string') continue;
    const reason = clean(value, MAX_REASON_LENGTH);
    if (reason !== '') return reason;
  }
  return null;
}

/** Whatever stands there and is not empty says that something is missing. */
function gapsOf(raw: RawExecution, clean: Clean): string[] {
  const dataGaps = raw['dataGaps'];
  const told = Array.isArray(dataGaps) ? dataGaps : isNothing(dataGaps) ? [] : [dataGaps];
  return told
    .slice(0, MAX_GAPS)
    .map((gap) => clean(typeof gap === 'string' ? gap : JSON.stringify(gap)));
}

function isNothing(value: unknown): boolean {
  const fields = asObject(value);
  return fields === undefined ? !value : Object.keys(fields).length === 0;
}
