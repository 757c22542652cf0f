/**
 * `active` holds a slot and is polled; unknown statuses count as active. `failed` covers FAILED,
 * REJECTED, CANCELLED and everything else that never becomes a result.
 */
export type ExecutionState = 'active' | 'succeeded' | 'failed';

/** One run of a query by the API, as its latest answer describes it. Instants are epoch ms. */
export interface WorkflowExecution {
  readonly id: string;
  readonly workflowId: string | null;
  /** As the API spells it: PENDING, RUNNING, SUCCEEDED, ... */
  readonly status: string;
  readonly state: ExecutionState;
  readonly createTimeMs: number | null;
  readonly lastUpdatedTimeMs: number | null;
  readonly expireTimeMs: number | null;
  /** How long the service lets it run; absent where it does not say. */
  readonly timeoutMs?: number;
  /** Why it failed, in the API's words. */
  readonly reason: string | null;
  /** What the API reports as missing from the result, the first hundred; empty where it reports nothing. */
  readonly dataGaps: readonly string[];
  /** The instants [startMs, endMs) that were queried, as the API echoes them. */
  readonly window: ExecutionWindow | null;
  /** Date header of the answer that this was read from; null where it had none. */
  readonly apiTimeMs: number | null;
}

/** The window that the API says it uses. `timeZone` is the one it understood. */
export interface ExecutionWindow {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly timeZone: string | null;
  /** False where it says something that cannot be compared with what was asked for. */
  readonly isClear: boolean;
}
