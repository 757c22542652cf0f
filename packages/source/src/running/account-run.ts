import type { AccountClient } from '@traffic-events/client';
import type {
  EventDate,
  InFlightExecution,
  InstantMs,
  PartitionChange,
} from '@traffic-events/slice';

import { AccountProgress } from './account-progress.ts';
import { AccountPlanner, sliceName } from './account-planner.ts';
import type { Resumable, StreamPlan } from './account-planner.ts';
import { announcePlan, reportLeft, RiskReport } from './account-report.ts';
import type { LeftSlice } from './account-report.ts';
import type { AccountStream, AccountWithStreams } from '../streams/account-streams.ts';
import { AccountUnavailable } from './account-unavailable.ts';
import { isAdoptable } from './adoption.ts';
import { ApiReach } from './api-reach.ts';
import { chooseNext } from '../planning/choose.ts';
import type { ChosenSlice } from '../planning/choose.ts';
import { DailyQuota } from '../planning/daily-quota.ts';
import type { AcceptedChange } from '../planning/definitions.ts';
import { Exclusions } from './exclusions.ts';
import type { Candidate } from '../planning/plan-partition.ts';
import { REPLAN_MS, RETRY_PATIENCE_MS } from '../planning/retry-schedule.ts';
import type { RunContext } from './run-context.ts';
import type { AccountFailureCause, LeftReason } from './run-summary.ts';
import { BundleDurations } from './bundle-durations.ts';
import { BundleProofs } from './bundle-proofs.ts';
import { BundleRunner } from './bundle-runner.ts';
import { Orphans } from './orphans.ts';
import { SliceRunner } from './slice-runner.ts';
import { BundleChoice } from './bundle-choice.ts';
import { composeBundles } from '../bundles/compose-bundles.ts';
import { isBundleId } from '../streams/bundle-stream.ts';
import { Slots } from './slots.ts';
import { HOUR_MS } from '../streams/timing.ts';

/** Results that wait for their delivery, beyond which no further execution is created. */
const MAX_UNDELIVERED = 20;

const LEFT_BY_FAILURE = {
  refused: 'refused',
  unreachable: 'network',
  capacity: 'capacity',
} as const satisfies Record<AccountFailureCause, LeftReason>;

/** An account with its streams and the changes of their definitions that were accepted. */
export interface AccountToRun extends AccountWithStreams {
  readonly accepted: ReadonlyMap<string, AcceptedChange>;
  /** Partitions whose definitions are the same as before under other fingerprints. */
  readonly renamed: readonly PartitionChange[];
}

/** Works through one account: takes over what runs, keeps its slots busy, plans anew each time. */
export class AccountRun {
  readonly #run: RunContext;
  readonly #account: AccountClient;
  readonly #streams: ReadonlyMap<string, AccountStream>;
  readonly #accepted: ReadonlyMap<string, AcceptedChange>;
  readonly #renamed: readonly PartitionChange[];
  readonly #progress: AccountProgress;
  readonly #planner: AccountPlanner;
  readonly #runner: SliceRunner;
  readonly #bundles: BundleRunner;
  readonly #proofs: BundleProofs;
  readonly #orphans: Orphans;
  readonly #slots: Slots;
  readonly #risks: RiskReport;
  readonly #reach: ApiReach;
  readonly #exclusions: Exclusions;
  #quota = new DailyQuota(Infinity, []);
  #failure: AccountFailureCause | undefined;
  /** Slices that something is being done for. */
  readonly #busy = new Set<string>();

  constructor(options: AccountToRun & { run: RunContext }) {
    const { run, account, streams } = options;
    const timeZone = account.timeZone ?? 'UTC';
    this.#run = run;
    this.#account = run.client.account(account);
    this.#streams = streams;
    this.#exclusions = new Exclusions(run);
    this.#accepted = options.accepted;
    this.#renamed = options.renamed;
    this.#progress = new AccountProgress(options);
    this.#planner = new AccountPlanner({ run, progress: this.#progress, timeZone, streams });
    this.#reach = new ApiReach({ run, account: this.#account, accountId: options.accountId });
    this.#proofs = new BundleProofs({ run, progress: this.#progress, streams });
    const runnerOptions = {
      durations: new BundleDurations(),
      proofs: this.#proofs,
      run,
      account: this.#account,
      progress: this.#progress,
      reach: this.#reach,
      exclusions: this.#exclusions,
      timeZone,
    };
    this.#runner = new SliceRunner(runnerOptions);
    this.#bundles = new BundleRunner({ ...runnerOptions, streams });
    this.#orphans = new Orphans({ ...runnerOptions, streams });
    this.#slots = new Slots(run.slots);
    this.#risks = new RiskReport(run, () => this.#planner.risks());
  }

  /** Resolves when nothing is left that this run can do for the account. */
  async work(): Promise<void> {
    try {
      await this.#workOn();
      await this.#planner.begin();
    } catch (error) {
      this.#run.stop(error);
      await this.#slots.idle();
      throw error;
    }
    await this.#report();
  }

  async #workOn(): Promise<void> {
    try {
      await this.#begin();
      await this.#loop();
    } catch (error) {
      if (!(error instanceof AccountUnavailable)) throw error;
      await this.#slots.idle();
      this.#fail(error);
    }
  }

  /** Names the dates at risk, unless they have been: whatever has become of the run. */
  reportRisks(): void {
    this.#risks.tell();
  }

  #fail({ message: reason, failureCause: cause }: AccountUnavailable): void {
    const { accountId } = this.#progress;
    this.#failure = cause;
    this.#run.tally.accountFailed({ accountId, cause, reason });
    this.#run.logger.error({ account_id: accountId, cause, reason }, 'account.failed');
  }

  async #report(): Promise<void> {
    await this.#risks.tellUnlessHeld();
    const plans = this.#planner.plan();
    const left: LeftSlice[] = plans.flatMap((plan) => [
      ...plan.waiting.map(({ waitsFor, nextTryMs }) => ({ reason: waitsFor, nextTryMs })),
      ...plan.candidates.map((candidate) => this.#leftOf(plan.stream, candidate)),
    ]);
    const inFlight = this.#planner.resumables();
    for (const { inFlight: execution } of inFlight) {
      if (!this.#exclusions.isUnheard(execution.execution_id)) continue;
      left.push({ reason: 'network', nextTryMs: null });
    }
    reportLeft(this.#run, this.#progress.accountId, left, inFlight);
  }

  /** Why a slice that is due was not asked for, and when it can be. */
  #leftOf(stream: AccountStream, { eventDate }: Candidate): LeftSlice {
    const reason = this.#leftReason(stream, eventDate);
    const nowMs = this.#run.client.apiTimeMs();
    return { reason, nextTryMs: reason === 'quota' ? this.#quota.renewsMs(nowMs) : null };
  }

  #leftReason(stream: AccountStream, eventDate: EventDate): LeftReason {
    if (this.#failure !== undefined) return LEFT_BY_FAILURE[this.#failure];
    const reason = this.#exclusions.whyNotCreate(stream, eventDate);
    if (reason !== null) return reason;
    return this.#quota.isSpent(this.#run.client.apiTimeMs()) ? 'quota' : 'time';
  }

  async #begin(): Promise<void> {
    const newStreams = this.#planner.newStreams();
    if (this.#renamed.length > 0) await this.#run.sink.ledger([], this.#renamed);
    for (const [stream, change] of this.#accepted) await this.#progress.accepted(stream, change);
    await this.#proofs.settle();
    // The list comes before the first plan, which then goes by the API's own clock.
    const own = await this.#orphans.list(() => this.#planner.begin());
    const choice = this.#bundleChoice(await this.#planner.begin());
    for (const execution of own.latest) await this.#orphans.adopt(execution);
    for (const execution of own.bundles) await this.#orphans.adoptBundle(execution, choice);
    this.#quota = new DailyQuota(this.#run.maxExecutionsPerDay, own.createTimesMs);
    const plans = this.#planner.plan();
    const ahead = this.#bundleChoice(plans);
    announcePlan(this.#run, this.#progress, plans, {
      newStreams,
      together: (candidate) => ahead.candidatesWith(candidate),
      inFlight: this.#planner.resumables().length,
      durationsMs: own.durationsMs,
    });
  }

  async #loop(): Promise<void> {
    while (!this.#run.signal.aborted) {
      this.#slots.throwFailure();
      const plans = this.#plan();
      if (await this.#close(plans)) continue;
      if (this.#reach.isInDoubt) {
        await this.#slots.change();
        continue;
      }
      const resumable = this.#nextResumable(this.#run.client.apiTimeMs());
      const choice = resumable === undefined ? this.#choose(plans) : undefined;
      if (resumable !== undefined) await this.#resume(resumable);
      else if (choice !== undefined) this.#create(choice, plans);
      else if (!this.#slots.isIdle) await this.#changeOrDue(plans);
      else if (!(await this.#waitForRetry(plans))) break;
    }
    await this.#slots.idle();
    this.#slots.throwFailure();
    await this.#bundles.conclude();
    if (this.#exclusions.isCreateLost) throw createsLost();
  }

  /** What is worth doing now; once the run's time is up, only what must not be left to the next run. */
  #plan(): StreamPlan[] {
    const plans = this.#planner.plan();
    if (!this.#run.timeUpSignal.aborted) return plans;
    return plans.map((plan) => ({
      ...plan,
      candidates: plan.candidates.filter(({ pressing }) => pressing),
      waiting: plan.waiting.filter(({ pressing }) => pressing),
    }));
  }

  /** True when something closed, so that the plan is no longer the newest. */
  async #close(plans: readonly StreamPlan[]): Promise<boolean> {
    const closing = plans.filter(({ closings }) => closings.length > 0);
    for (const { stream, closings } of closing) {
      await this.#progress.closed(stream.definition.name, closings);
    }
    return closing.length > 0;
  }

  #choose(plans: readonly StreamPlan[]): ChosenSlice | undefined {
    if (!this.#slots.hasFree || this.#slots.undelivered >= MAX_UNDELIVERED) return undefined;
    const isAllowed = this.#allowedByQuota();
    const candidates = plans.flatMap((plan) =>
      plan.candidates.filter(
        (candidate) => isAllowed(candidate) && this.#mayCreate(plan.stream, candidate),
      ),
    );
    return chooseNext(candidates, {
      running: this.#slots.lanes(),
      size: this.#slots.size,
      quotaLeft: this.#quota.left(this.#run.client.apiTimeMs()),
    });
  }

  /** Where the executions of the day are spent, only dates at risk that do not outlast it. */
  #allowedByQuota(): (candidate: Candidate) => boolean {
    const nowMs = this.#run.client.apiTimeMs();
    if (!this.#quota.isSpent(nowMs)) return () => true;
    const againMs = this.#quota.renewsMs(nowMs) + HOUR_MS;
    return ({ atRisk, timing }) => atRisk && timing.expiresMs < againMs;
  }

  #mayCreate(stream: AccountStream, candidate: Candidate): boolean {
    const mustNow = candidate.wouldSettle || candidate.urgent;
    return (
      !this.#busy.has(sliceName(stream, candidate.eventDate)) &&
      this.#exclusions.mayCreate(stream, candidate.eventDate, mustNow)
    );
  }

  #create({ candidate, lane }: ChosenSlice, plans: readonly StreamPlan[]): void {
    const stream = this.#streams.get(candidate.stream.name);
    if (stream === undefined) throw new TypeError(`${candidate.stream.name} is no stream here`);
    this.#quota.spend(this.#run.client.apiTimeMs());
    const bundle = this.#bundleChoice(plans).bundleWith(candidate);
    if (bundle !== undefined) {
      const names = bundle.members.map((member) => sliceName(member.stream, candidate.eventDate));
      this.#start(names, lane, (release) =>
        this.#bundles.create(bundle, candidate.eventDate, release),
      );
      return;
    }
    this.#start([sliceName(stream, candidate.eventDate)], lane, (release) =>
      this.#runner.create(stream, candidate.eventDate, release),
    );
  }

  async #resume({ stream, inFlight }: Resumable): Promise<void> {
    const { name } = stream.definition;
    if (!isAdoptable(inFlight, this.#run.client.apiTimeMs())) {
      await this.#progress.forgotten(
        name,
        inFlight,
        'its time was over before its result was taken',
      );
      return;
    }
    this.#run.tally.adopted += 1;
    if (isBundleId(inFlight.workflow_id)) {
      this.#resumeBundle(inFlight);
      return;
    }
    this.#start([sliceName(stream, inFlight.event_date)], 'expiring', (release) =>
      this.#runner.resume(stream, inFlight, release),
    );
  }

  /** Takes over an execution for every slice that still waits for it. */
  #resumeBundle(inFlight: InFlightExecution): void {
    const streams = this.#unfollowed()
      .filter((other) => other.inFlight.execution_id === inFlight.execution_id)
      .map(({ stream }) => stream);
    const members = composeBundles(streams).flatMap((bundle) => bundle.members);
    const names = members.map((member) => sliceName(member.stream, inFlight.event_date));
    this.#start(names, 'expiring', (release) => this.#bundles.resume(members, inFlight, release));
  }

  #bundleChoice(plans: readonly StreamPlan[]): BundleChoice {
    return new BundleChoice({
      plans,
      isOn: this.#run.bundle === 'auto',
      maxMembers: this.#bundles.maxMembers,
      mayCreate: (stream, candidate) => this.#mayCreate(stream, candidate),
      proofOf: (stream, shape) => this.#proofs.of(stream, shape),
    });
  }

  #start(
    names: readonly string[],
    lane: ChosenSlice['lane'],
    work: (release: () => void) => Promise<void>,
  ): void {
    for (const name of names) this.#busy.add(name);
    this.#slots.start(lane, (release) =>
      work(release).finally(() => {
        for (const name of names) this.#busy.delete(name);
      }),
    );
  }

  /** An execution in flight that nobody follows and that is due; undefined when there is none. */
  #nextResumable(nowMs: InstantMs): Resumable | undefined {
    return this.#unfollowed().find(({ dueMs }) => dueMs <= nowMs);
  }

  #unfollowed(): Resumable[] {
    const isTimeUp = this.#run.timeUpSignal.aborted;
    return this.#planner
      .resumables()
      .filter(
        ({ stream, inFlight, pressing }) =>
          (pressing || !isTimeUp) &&
          !this.#busy.has(sliceName(stream, inFlight.event_date)) &&
          this.#exclusions.mayResume(stream, inFlight.execution_id),
      );
  }

  /** Until a slot changes, a retry is due, or it is time to plan anew. */
  async #changeOrDue(plans: readonly StreamPlan[]): Promise<void> {
    // Deliveries end soon by themselves; executions may take hours, in which more becomes due.
    if (this.#slots.lanes().length === 0) return this.#slots.change();
    const woken = new AbortController();
    const waitMs = Math.min(this.#dueInMs(plans), REPLAN_MS);
    await Promise.race([this.#slots.change(), this.#sleep(waitMs, woken.signal)]);
    woken.abort();
    return undefined;
  }

  /** False when no retry is due soon enough to be waited for. */
  async #waitForRetry(plans: readonly StreamPlan[]): Promise<boolean> {
    const waitMs = this.#dueInMs(plans);
    if (waitMs > RETRY_PATIENCE_MS) return false;
    await this.#sleep(waitMs);
    return true;
  }

  /** Until the next retry; Infinity where none waits. */
  #dueInMs(plans: readonly StreamPlan[]): number {
    const nowMs = this.#run.client.apiTimeMs();
    const dueMs = [
      ...plans.flatMap(({ waiting }) => waiting.map(({ nextTryMs }) => nextTryMs)),
      ...this.#unfollowed().map((resumable) => resumable.dueMs),
    ].filter((instantMs) => instantMs > nowMs);
    return Math.min(...dueMs) - nowMs;
  }

  /** Ends early when the run does, or its time is up. */
  async #sleep(ms: number, ...others: readonly AbortSignal[]): Promise<void> {
    const { clock, signal, timeUpSignal } = this.#run;
    const ends = AbortSignal.any([
      signal,
      ...others,
      ...(timeUpSignal.aborted ? [] : [timeUpSignal]),
    ]);
    await clock.sleep(ms, ends).catch((error: unknown) => {
      if (!ends.aborted) throw error;
    });
  }
}

function createsLost(): AccountUnavailable {
  return new AccountUnavailable(
    'the API answers, but not when an execution is to be created. Nothing is held against any slice; run again later',
    'unreachable',
  );
}
