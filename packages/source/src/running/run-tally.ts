import { describeSlice } from '@traffic-events/slice';
import type { SliceKey } from '@traffic-events/slice';

import type { LostStatus } from '../planning/plan-partition.ts';
import type {
  BeforeStartRange,
  ClosedSlice,
  FailedAccount,
  FailedSlice,
  LeftExecution,
  LeftSlices,
  RunSummary,
} from './run-summary.ts';

/** Counts while a run goes on. */
export class RunTally {
  created = 0;
  adopted = 0;
  loaded = 0;
  kept = 0;
  readonly #failed = new Map<string, FailedSlice>();
  readonly #closed: Record<LostStatus, ClosedSlice[]> = {
    missed: [],
    partial: [],
    frozen: [],
  };
  readonly #atRisk: SliceKey[] = [];
  readonly #beforeStart: BeforeStartRange[] = [];
  readonly #failedAccounts: FailedAccount[] = [];
  readonly #leftForLater: LeftSlices[] = [];
  readonly #inFlight: LeftExecution[] = [];

  failed(slice: FailedSlice): void {
    this.#failed.set(describeSlice(slice), slice);
  }

  delivered(slice: SliceKey): void {
    this.loaded += 1;
    this.#failed.delete(describeSlice(slice));
  }

  closed(slice: SliceKey, status: LostStatus, reason: string): void {
    this.#closed[status].push({ ...slice, reason });
  }

  atRisk(slice: SliceKey): void {
    this.#atRisk.push(slice);
  }

  beforeStart(range: BeforeStartRange): void {
    this.#beforeStart.push(range);
  }

  accountFailed(account: FailedAccount): void {
    this.#failedAccounts.push(account);
  }

  left(slices: LeftSlices): void {
    this.#leftForLater.push(slices);
  }

  inFlight(execution: LeftExecution): void {
    this.#inFlight.push(execution);
  }

  summary(
    run: Pick<RunSummary, 'runId' | 'startedAt' | 'endedAt' | 'interrupted' | 'refusedStreams'> & {
      readonly isTimeUp: boolean;
    },
  ): RunSummary {
    const { created, adopted, loaded, kept } = this;
    const { isTimeUp, ...facts } = run;
    return {
      ...facts,
      outOfTime: isTimeUp && this.#leftForLater.length + this.#inFlight.length > 0,
      created,
      adopted,
      loaded,
      kept,
      failed: [...this.#failed.values()],
      ...this.#closed,
      atRisk: this.#atRisk,
      beforeStart: this.#beforeStart,
      failedAccounts: this.#failedAccounts,
      leftForLater: this.#leftForLater,
      inFlight: this.#inFlight,
    };
  }
}
