import { isDeepStrictEqual } from 'node:util';

import type {
  EventDate,
  InFlightExecution,
  InstantMs,
  PartitionState,
  SliceKey,
} from '@traffic-events/slice';

import type { AccountProgress } from './account-progress.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import { reportTimeMs } from './report-time.ts';
import { isPressing } from '../planning/patience.ts';
import { alignedPartition, planPartition } from '../planning/plan-partition.ts';
import type { PartitionPlan, PartitionPlanInput } from '../planning/plan-partition.ts';
import { heededTryMs } from '../planning/retry-schedule.ts';
import type { RunContext } from './run-context.ts';
import { standingOf } from './slice-standing.ts';

export interface StreamPlan extends PartitionPlan {
  readonly stream: AccountStream;
}

/** An execution in flight, and when it may be followed. */
export interface Resumable {
  readonly stream: AccountStream;
  readonly inFlight: InFlightExecution;
  readonly dueMs: InstantMs;
  /** Its slice must not be left to the next run. */
  readonly pressing: boolean;
}

/** Plans the streams of one account from the state as it is at the moment of the call. */
export class AccountPlanner {
  readonly #run: RunContext;
  readonly #progress: AccountProgress;
  readonly #timeZone: string;
  readonly #streams: ReadonlyMap<string, AccountStream>;

  constructor(options: {
    run: RunContext;
    progress: AccountProgress;
    timeZone: string;
    streams: ReadonlyMap<string, AccountStream>;
  }) {
    this.#run = options.run;
    this.#progress = options.progress;
    this.#timeZone = options.timeZone;
    this.#streams = options.streams;
  }

  /** Also takes up partitions that are new, or whose first date has moved. */
  plan(): StreamPlan[] {
    const nowMs = this.#run.client.apiTimeMs();
    return [...this.#streams.values()].map((stream) => {
      const { name } = stream.definition;
      const input = this.#input(stream, this.#progress.partition(name), nowMs);
      const plan = planPartition(input);
      if (!isDeepStrictEqual(plan.partition, input.partition)) {
        this.#progress.begin(name, (partition) => alignedPartition({ ...input, partition }));
      }
      return { ...plan, stream };
    });
  }

  /** Streams that were never asked for. */
  newStreams(): string[] {
    const isNew = (stream: string) => this.#progress.partition(stream) === undefined;
    return [...this.#streams.keys()].filter(isNew);
  }

  /** From now on the account is collected: what expires before it is asked for again is missed. */
  async begin(): Promise<StreamPlan[]> {
    const plans = this.plan();
    await this.#progress.keepBegun();
    return plans;
  }

  /**
   * Dates at risk by what is safe, and by our own clock where the API's is too far from it: to be
   * called whatever has ended the run.
   */
  risks(): SliceKey[] {
    const { accountId } = this.#progress;
    return [...this.#streams.values()].flatMap((stream) => {
      const { name } = stream.definition;
      const partition = this.#run.state.safe(name, accountId);
      const { atRisk } = planPartition(this.#input(stream, partition, reportTimeMs(this.#run)));
      return atRisk.map((eventDate) => ({ stream: name, accountId, eventDate }));
    });
  }

  #input(
    stream: AccountStream,
    partition: PartitionState | undefined,
    nowMs: InstantMs,
  ): PartitionPlanInput {
    const { bundle, startDate, startedMs, range } = this.#run;
    return {
      stream: stream.definition,
      accountId: this.#progress.accountId,
      timeZone: this.#timeZone,
      fingerprint: stream.fingerprint,
      partition,
      startDate,
      range,
      mayBundle: bundle === 'auto',
      nowMs,
      runStartedMs: startedMs,
    };
  }

  /** Every execution in flight by the state. */
  resumables(): Resumable[] {
    return [...this.#streams.values()].flatMap((stream) => {
      const partition = this.#progress.partition(stream.definition.name);
      return (partition?.in_flight ?? []).map((inFlight) => {
        const standing = standingOf(
          { run: this.#run, progress: this.#progress, timeZone: this.#timeZone },
          stream,
          inFlight.event_date,
        );
        const { entry, timing, nowMs } = standing;
        const dueMs = heededTryMs(entry.next_try, timing, nowMs);
        return { stream, inFlight, dueMs, pressing: isPressing(standing) };
      });
    });
  }
}

/** Names a slice within an account. */
export function sliceName(stream: AccountStream, eventDate: EventDate): string {
  return `${stream.definition.name} ${eventDate}`;
}
