import type { ExitCode } from '@traffic-events/program';

/** A warning is nothing that stops a sync. */
export type Outcome = 'ok' | 'warning' | 'failed';

/** One thing that was tried, and how it went. */
export interface CheckResult {
  readonly what: string;
  readonly outcome: Outcome;
  /** Several lines where there is more to say. */
  readonly detail: string;
  /** What to do about it; null where there is nothing, or the detail says it. */
  readonly next: string | null;
  /** The exit code that a failure means. */
  readonly code: ExitCode;
}

/** As much of a result as is not plain. */
export type Finding = Pick<CheckResult, 'detail'> & Partial<Omit<CheckResult, 'what'>>;
