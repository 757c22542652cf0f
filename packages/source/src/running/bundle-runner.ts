import type { AccountClient, WorkflowExecution } from '@traffic-events/client';
import { UNKNOWN_BUNDLE, windowOf } from '@traffic-events/slice';
import type { EventDate, InFlightExecution } from '@traffic-events/slice';

import { bundleHash } from '../bundles/compose-bundles.ts';
import type { BundleMember } from '../bundles/compose-bundles.ts';
import { BundleAnswerError } from '../errors.ts';
import { isPressing } from '../planning/patience.ts';
import type { Standing } from '../planning/patience.ts';
import { membersAllowed } from '../state/bundle-record.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { ChosenBundle } from './bundle-choice.ts';
import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { BundleTask } from './bundle-task.ts';
import { createFailure, executionFailure, followFailure } from './failure.ts';
import type { Failure } from './failure.ts';
import { SliceFailures } from './slice-failures.ts';
import type { SliceRunnerOptions } from './slice-runner.ts';
import { standingOf } from './slice-standing.ts';
import { createWait, endOfWait, followWait, isCapacity } from './waits.ts';
import { formatWorkflowId } from './workflow-id.ts';

/** What a service does with a bundle says nothing of its streams. */
const OF_THE_BUNDLE = new Set(['never', 'unusable']);

export interface BundleRunnerOptions extends SliceRunnerOptions {
  readonly streams: ReadonlyMap<string, AccountStream>;
}

/** Runs executions of several slices of one account and date. */
export class BundleRunner {
  readonly #options: BundleRunnerOptions;
  readonly #failures: SliceFailures;
  readonly #account: AccountClient;
  #creates = 0;
  /** Whether a bundle FAILED in this run. */
  #hasFailed = false;
  /** The last one that was. */
  #delivered: BundleAttempt | undefined;

  constructor(options: BundleRunnerOptions) {
    this.#options = options;
    this.#account = options.account;
    this.#failures = new SliceFailures(options);
  }

  /** Streams that a bundle may have: fewer once the service has refused more. */
  get maxMembers(): number {
    const { progress, run, streams } = this.#options;
    const nowMs = run.client.apiTimeMs();
    return Math.min(
      ...[...streams.keys()].map((stream) => membersAllowed(progress.partition(stream), nowMs)),
    );
  }

  async create(
    { members, shape }: ChosenBundle,
    eventDate: EventDate,
    release: () => void,
  ): Promise<void> {
    const { run, exclusions } = this.#options;
    const workflowId = this.#nextWorkflowId(members, eventDate);
    const task = this.#task(members, shape, eventDate);
    const wait = createWait(this.#options, this.#standing(members, eventDate));
    const goneMs = run.clock.now() + wait.slotTimeoutMs;
    let created;
    try {
      created = await task.create(workflowId, wait);
    } catch (error) {
      if (isCapacity(error) && run.clock.now() >= goneMs) return;
      await this.#takeAll(
        { members, eventDate, workflowId, inFlight: null },
        createFailure(error),
        error,
      );
      return;
    }
    exclusions.createAnswered();
    const { inFlight, execution } = created;
    await this.#finish(members, inFlight, async () => execution, release);
  }

  /** Takes over an execution that exists, for the slices that have not been delivered. */
  async resume(
    members: readonly BundleMember[],
    inFlight: InFlightExecution,
    release: () => void,
  ): Promise<void> {
    const signal = endOfWait(this.#options, this.#standing(members, inFlight.event_date));
    const ask = () => this.#account.getExecution(inFlight.execution_id, { signal });
    await this.#finish(members, inFlight, ask, release);
  }

  async #finish(
    members: readonly BundleMember[],
    inFlight: InFlightExecution,
    find: () => Promise<WorkflowExecution>,
    release: () => void,
  ): Promise<void> {
    const {
      event_date: eventDate,
      workflow_id: workflowId,
      bundle: shape = UNKNOWN_BUNDLE,
    } = inFlight;
    const attempt = { members, eventDate, workflowId, inFlight };
    const task = this.#task(members, shape, eventDate);
    try {
      const execution = await find();
      const standing = this.#standing(members, eventDate);
      const wait = followWait(this.#options, standing, { inFlight, execution });
      const ended = await task.follow(execution, wait);
      release();
      if (ended.state === 'succeeded') {
        await task.deliver(inFlight, ended, (member, error) =>
          this.#failures.take(
            { stream: member.stream, eventDate, workflowId, inFlight },
            followFailure(error),
            error,
          ),
        );
        this.#options.durations.together(
          ended,
          members.map(({ stream }) => stream.definition.name),
        );
        this.#delivered = attempt;
        await this.conclude();
      } else await this.#takeAll(attempt, executionFailure(ended), null);
    } catch (error) {
      await this.#takeAll(attempt, followFailure(error), error);
    }
  }

  /** Where a slot does more slices one by one, that is how they are asked for. */
  async conclude(): Promise<void> {
    const last = this.#delivered;
    if (last === undefined || !this.#options.durations.areSlower || this.maxMembers === 1) return;
    await this.#limit(last, 'bundles take longer than the same slices one by one', 1);
  }

  /** What the service refuses of a bundle is asked for in halves, and at last each by itself. */
  async #takeAll(attempt: BundleAttempt, failure: Failure, cause: unknown): Promise<void> {
    const { members, eventDate, workflowId, inFlight } = attempt;
    if (this.#isOfTheBundle(attempt, failure, cause)) {
      await this.#refused(attempt, failure, cause);
      return;
    }
    // What takes too long now would do so again.
    if (failure.kind === 'overdue') await this.#limit(attempt, failure.reason, halfOf(members));
    for (const { stream } of members) {
      await this.#failures.take({ stream, eventDate, workflowId, inFlight }, failure, cause);
    }
  }

  /** An execution that FAILED may do better; a second one shows that it is too much. */
  #isOfTheBundle({ inFlight }: BundleAttempt, { kind }: Failure, cause: unknown): boolean {
    if (OF_THE_BUNDLE.has(kind) || cause instanceof BundleAnswerError) return true;
    return kind === 'again' && cause === null && inFlight !== null;
  }

  async #refused(attempt: BundleAttempt, failure: Failure, cause: unknown): Promise<void> {
    const { members, inFlight } = attempt;
    await this.#limit(attempt, failure.reason, this.#mostAfter(members, failure, cause));
    if (inFlight === null) return;
    for (const { stream } of members) {
      await this.#options.progress.forgotten(stream.definition.name, inFlight, failure.reason);
    }
  }

  /** Streams that a bundle may have after one that was refused; Infinity where it says nothing. */
  #mostAfter(members: readonly BundleMember[], { kind }: Failure, cause: unknown): number {
    if (cause instanceof BundleAnswerError) return 1;
    if (kind !== 'again' || this.#hasFailed) return halfOf(members);
    this.#hasFailed = true;
    return Infinity;
  }

  /** Bundles have at most so many streams from now on. */
  async #limit(
    { members, eventDate, inFlight }: BundleAttempt,
    reason: string,
    most: number,
  ): Promise<void> {
    const { progress, proofs, run } = this.#options;
    run.logger.warn(
      {
        account_id: progress.accountId,
        event_date: eventDate,
        execution_id: inFlight?.execution_id ?? null,
        reason,
        max_members: Math.min(this.maxMembers, most),
      },
      'bundle.refused',
    );
    const names = members.map(({ stream }) => stream.definition.name);
    if (most !== Infinity) await proofs.limited(names, most);
  }

  /** How the slice stands that can wait least. */
  #standing(members: readonly BundleMember[], eventDate: EventDate): Standing {
    const standings = members.map(({ stream }) => standingOf(this.#options, stream, eventDate));
    const [first] = standings;
    if (first === undefined) throw new TypeError('a bundle has members');
    return standings.find(isPressing) ?? first;
  }

  #nextWorkflowId(members: readonly BundleMember[], eventDate: EventDate): string {
    this.#creates += 1;
    return formatWorkflowId({
      stream: BUNDLE_STREAM,
      eventDate,
      fingerprint: bundleHash(members),
      attempt: this.#creates,
      runId: this.#options.run.runId,
    });
  }

  #task(members: readonly BundleMember[], shape: string, eventDate: EventDate): BundleTask {
    const window = windowOf(eventDate, this.#options.timeZone);
    return new BundleTask({ ...this.#options, members, shape, eventDate, window });
  }
}

function halfOf({ length }: readonly BundleMember[]): number {
  return Math.max(1, Math.floor(length / 2));
}

interface BundleAttempt {
  readonly members: readonly BundleMember[];
  readonly eventDate: EventDate;
  readonly workflowId: string;
  /** Null while the create has not been answered. */
  readonly inFlight: InFlightExecution | null;
}
