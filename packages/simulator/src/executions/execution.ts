import type { Fault } from '../faults/fault.ts';
import type { SimulatedAccount } from '../accounts/account.ts';
import type { CreateRequest } from './create-request.ts';
import type { TimeWindow } from './time-window.ts';

export type ExecutionStatus =
  | 'PENDING'
  | 'RUNNING'
  | 'PUBLISHING'
  | 'SUCCEEDED'
  | 'FAILED'
  | 'REJECTED'
  | 'CANCELLED';

/** Phases on the simulated clock, counted from the create. */
export interface Phases {
  readonly pendingMs: number;
  readonly runningMs: number;
  readonly publishingMs: number;
}

export interface ExecutionOptions {
  readonly id: string;
  readonly account: SimulatedAccount;
  readonly request: CreateRequest;
  readonly window: TimeWindow;
  readonly createdMs: number;
  readonly phases: Phases;
  /** Data sources that it reads. */
  readonly sources: ReadonlySet<string>;
  /** Why it will be REJECTED when its turn comes. */
  readonly rejection: string | undefined;
  /** What goes wrong with it, if anything does. */
  readonly fault: Fault | undefined;
}

/** Milliseconds that an instant in an answer is exact to. */
const PRECISION_MS = { seconds: 1000, milliseconds: 1 } as const;

/** One run of a query. What it is at an instant follows from the clock alone. */
export class Execution {
  readonly id: string;
  readonly account: SimulatedAccount;
  readonly request: CreateRequest;
  readonly window: TimeWindow;
  readonly workflowId: string;
  /** As answered; its data is that of this instant. */
  readonly createTimeMs: number;
  readonly expireTimeMs: number;
  readonly sources: ReadonlySet<string>;
  readonly rejection: string | undefined;
  readonly #createdMs: number;
  readonly #phases: Phases;
  readonly #fault: Fault | undefined;
  #cancelledMs: number | undefined;
  #refusals = 0;
  #failure: string | undefined;

  constructor(options: ExecutionOptions) {
    const { account, createdMs } = options;
    this.id = options.id;
    this.account = account;
    this.request = options.request;
    this.window = options.window;
    this.sources = options.sources;
    this.workflowId = options.request.workflowId ?? `transient_${options.id}`;
    this.#fault = options.fault;
    this.rejection =
      options.fault?.kind === 'execution_rejected' ? options.fault.reason : options.rejection;
    if (options.fault?.kind === 'execution_fails') this.#failure = options.fault.reason;
    const precisionMs = PRECISION_MS[account.behaviour.timestampPrecision];
    this.createTimeMs = Math.floor(createdMs / precisionMs) * precisionMs;
    this.expireTimeMs = this.createTimeMs + account.behaviour.resultTtlSeconds * 1000;
    this.#createdMs = createdMs;
    this.#phases = options.phases;
  }

  /** The status with which a request about it is refused; counts the request. */
  refusal(): 401 | 403 | undefined {
    if (this.#fault?.kind !== 'execution_denied') return undefined;
    const { status, times } = this.#fault;
    this.#refusals += 1;
    return times === null || this.#refusals <= times ? status : undefined;
  }

  /** The status as answered: one that nobody knows where a fault wants it. */
  shownStatusAt(nowMs: number): string {
    const status = this.statusAt(nowMs);
    const unknown = this.#fault?.kind === 'execution_unknown_status' && status === 'RUNNING';
    return unknown ? this.#fault.status : status;
  }

  statusAt(nowMs: number): ExecutionStatus {
    if (this.#cancelledMs !== undefined) return 'CANCELLED';
    const { pendingMs, runningMs, publishingMs } = this.#phases;
    const ageMs = nowMs - this.#createdMs;
    if (ageMs < pendingMs) return 'PENDING';
    if (this.rejection !== undefined) return 'REJECTED';
    if (this.#fault?.kind === 'execution_cancelled') return 'CANCELLED';
    if (this.#fault?.kind === 'execution_never_ends') return 'RUNNING';
    if (ageMs < pendingMs + runningMs) return 'RUNNING';
    if (this.#failure !== undefined) return 'FAILED';
    return ageMs < pendingMs + runningMs + publishingMs ? 'PUBLISHING' : 'SUCCEEDED';
  }

  /** Whether it counts against the account's limit. */
  isActiveAt(nowMs: number): boolean {
    const status = this.statusAt(nowMs);
    return status === 'PENDING' || status === 'RUNNING';
  }

  /** Why it did not succeed, once that is known. */
  reasonAt(nowMs: number): string | undefined {
    const status = this.statusAt(nowMs);
    if (status === 'REJECTED') return this.rejection;
    return status === 'FAILED' ? this.#failure : undefined;
  }

  /** The instant at which its status last changed, as far as `nowMs`. */
  lastUpdatedMs(nowMs: number): number {
    if (this.#cancelledMs !== undefined) return this.#cancelledMs;
    const { pendingMs, runningMs, publishingMs } = this.#phases;
    const changes = [0, pendingMs];
    if (this.rejection === undefined) {
      changes.push(pendingMs + runningMs, pendingMs + runningMs + publishingMs);
    }
    const ageMs = nowMs - this.#createdMs;
    return this.#createdMs + Math.max(...changes.filter((change) => change <= ageMs));
  }

  cancel(nowMs: number): void {
    this.#cancelledMs = nowMs;
  }

  fail(reason: string): void {
    this.#failure = reason;
  }
}
