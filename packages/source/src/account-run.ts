import { TrafficEventsError } from '@traffic-events/client';
import type { Account, AccountClient } from '@traffic-events/client';
import type {
  EventDate,
  InFlightExecution,
  InstantMs,
  PartitionState,
} from '@traffic-events/slice';

import { AccountBook } from './account-book.ts';
import { isAdoptable, isOrphan, listOwn } from './adoption.ts';
import type { ListedExecution } from './adoption.ts';
import { chooseNext } from './choose.ts';
import type { Choice } from './choose.ts';
import { tailEntry } from './partition.ts';
import { planPartition } from './plan-partition.ts';
import type { Candidate, PartitionPlan } from './plan-partition.ts';
import { RETRY_PATIENCE_MS } from './retry-timing.ts';
import type { AccountStream } from './account-streams.ts';
import type { RunContext } from './run-context.ts';
import { AccountUnavailable, SliceRunner } from './slice-runner.ts';
import { inFlightOf } from './slice-task.ts';
import { Slots } from './slots.ts';

/** Results that wait for their delivery, beyond which no further execution is created. */
const MAX_UNDELIVERED = 20;

interface StreamPlan extends PartitionPlan {
  readonly stream: AccountStream;
}

interface Resumable {
  readonly stream: AccountStream;
  readonly inFlight: InFlightExecution;
}

/** Works through one account: takes over what runs, keeps its slots busy, plans anew each time. */
export class AccountRun {
  readonly #run: RunContext;
  readonly #account: AccountClient;
  readonly #timeZone: string;
  readonly #streams: ReadonlyMap<string, AccountStream>;
  readonly #book: AccountBook;
  readonly #runner: SliceRunner;
  readonly #slots: Slots;
  /** Slices whose create has not been answered, and executions that are followed. */
  readonly #busy = new Set<string>();

  constructor(options: {
    run: RunContext;
    account: Account;
    accountId: string;
    streams: ReadonlyMap<string, AccountStream>;
  }) {
    const { run, account, streams } = options;
    this.#run = run;
    this.#account = run.client.account(account);
    this.#timeZone = account.timeZone ?? 'UTC';
    this.#streams = streams;
    this.#book = new AccountBook(options);
    this.#runner = new SliceRunner({
      run,
      account: this.#account,
      book: this.#book,
      timeZone: this.#timeZone,
    });
    this.#slots = new Slots(run.slots);
  }

  /** Resolves when nothing is left that this run can do for the account. */
  async work(): Promise<void> {
    try {
      // The list comes before the first plan, which then goes by the API's own clock.
      const listed = await this.#list();
      const plans = this.#plan();
      for (const execution of listed) await this.#adopt(execution);
      this.#announce(plans);
      await this.#loop();
    } catch (error) {
      if (!(error instanceof AccountUnavailable)) this.#run.stop(error);
      await this.#slots.idle();
      if (!(error instanceof AccountUnavailable)) throw error;
      this.#run.tally.accountFailed(this.#book.accountId, error.message);
    }
    this.#reportRisks();
  }

  async #loop(): Promise<void> {
    while (!this.#run.signal.aborted) {
      const plans = this.#plan();
      for (const { stream, closings } of plans) {
        await this.#book.closed(stream.definition.name, closings);
      }
      const resumable = this.#nextResumable(this.#run.client.apiTimeMs());
      const choice = resumable === undefined ? this.#choose(plans) : undefined;
      if (resumable !== undefined) await this.#resume(resumable);
      else if (choice !== undefined) this.#create(choice);
      else if (!this.#slots.isIdle) await this.#slots.change();
      else if (!(await this.#waitForRetry(plans))) break;
      this.#slots.throwFailure();
    }
    await this.#slots.idle();
    this.#slots.throwFailure();
  }

  #plan(): StreamPlan[] {
    const { client, startDate, startedMs } = this.#run;
    return [...this.#streams.values()].map((stream) => {
      const { name } = stream.definition;
      const plan = planPartition({
        stream: stream.definition,
        accountId: this.#book.accountId,
        timeZone: this.#timeZone,
        fingerprint: stream.fingerprint,
        partition: this.#book.partition(name),
        startDate,
        nowMs: client.apiTimeMs(),
        runStartedMs: startedMs,
      });
      this.#book.begin(name, plan.partition);
      return { ...plan, stream };
    });
  }

  #choose(plans: readonly StreamPlan[]): Choice | undefined {
    if (!this.#slots.hasFree || this.#slots.undelivered >= MAX_UNDELIVERED) return undefined;
    const candidates = plans.flatMap((plan) =>
      plan.candidates.filter((candidate) => this.#mayCreate(plan.stream, candidate)),
    );
    return chooseNext(candidates, this.#slots.lanes(), this.#slots.size);
  }

  #mayCreate(stream: AccountStream, candidate: Candidate): boolean {
    const mustNow = candidate.wouldSettle || candidate.urgent;
    return (
      !this.#busy.has(sliceKey(stream, candidate.eventDate)) &&
      this.#runner.mayCreate(stream, candidate.eventDate, mustNow)
    );
  }

  #create({ candidate, lane }: Choice): void {
    const stream = this.#stream(candidate.stream.name);
    this.#start(sliceKey(stream, candidate.eventDate), lane, (release) =>
      this.#runner.create(stream, candidate.eventDate, release),
    );
  }

  async #resume({ stream, inFlight }: Resumable): Promise<void> {
    const { name } = stream.definition;
    if (!isAdoptable(inFlight, this.#run.client.apiTimeMs())) {
      await this.#book.forgotten(name, inFlight, 'its time was over before its result was taken');
      return;
    }
    this.#run.tally.adopted += 1;
    this.#start(sliceKey(stream, inFlight.event_date), 'expiring', (release) =>
      this.#runner.resume(stream, inFlight, release),
    );
  }

  #start(key: string, lane: Choice['lane'], work: (release: () => void) => Promise<void>): void {
    this.#busy.add(key);
    this.#slots.start(lane, (release) => work(release).finally(() => this.#busy.delete(key)));
  }

  /** An execution in flight that nobody follows and that is due; undefined when there is none. */
  #nextResumable(nowMs: InstantMs): Resumable | undefined {
    return this.#resumables().find(({ stream, inFlight }) => {
      const dueMs = this.#dueMs(stream, inFlight.event_date);
      return dueMs <= nowMs;
    });
  }

  #resumables(): Resumable[] {
    return [...this.#streams.values()].flatMap((stream) =>
      (this.#partition(stream)?.in_flight ?? [])
        .filter((inFlight) => !this.#busy.has(sliceKey(stream, inFlight.event_date)))
        .map((inFlight) => ({ stream, inFlight })),
    );
  }

  #dueMs(stream: AccountStream, eventDate: EventDate): InstantMs {
    const partition = this.#partition(stream);
    const nextTry = partition === undefined ? null : tailEntry(partition, eventDate).next_try;
    return nextTry === null ? 0 : Date.parse(nextTry);
  }

  /** False when no retry is due soon enough to be waited for. */
  async #waitForRetry(plans: readonly StreamPlan[]): Promise<boolean> {
    const nowMs = this.#run.client.apiTimeMs();
    const dueMs = [
      ...plans.map((plan) => plan.nextTryMs ?? Infinity),
      ...this.#resumables().map(({ stream, inFlight }) => this.#dueMs(stream, inFlight.event_date)),
    ].filter((instantMs) => instantMs > nowMs);
    const waitMs = Math.min(...dueMs) - nowMs;
    if (waitMs > RETRY_PATIENCE_MS) return false;
    await this.#run.clock.sleep(waitMs, this.#run.signal).catch((error: unknown) => {
      if (!this.#run.signal.aborted) throw error;
    });
    return true;
  }

  /** This project's executions as the API lists them; none where it has no list. */
  async #list(): Promise<ListedExecution[]> {
    const { client, signal, logger } = this.#run;
    try {
      return await listOwn({
        account: this.#account,
        streams: this.#streams,
        nowMs: client.apiTimeMs(),
        signal,
      });
    } catch (error) {
      if (signal.aborted) return [];
      if (!(error instanceof TrafficEventsError) || error.action === 'fatal') throw error;
      if (error.code === 'access_denied') throw new AccountUnavailable(error.message);
      const reason = error.message;
      logger.warn('run.list_unavailable', { account_id: this.#book.accountId, reason });
      return [];
    }
  }

  /** Takes up what a run created and could not tell anyone. */
  async #adopt(orphan: ListedExecution): Promise<void> {
    const { stream, eventDate, workflowId, execution } = orphan;
    if (!isOrphan(orphan, this.#book.partition(stream))) return;
    const nowMs = this.#run.client.apiTimeMs();
    await this.#book.inFlight(stream, inFlightOf(execution, eventDate, workflowId, nowMs));
  }

  #announce(plans: readonly StreamPlan[]): void {
    const { accountId } = this.#book;
    for (const { stream, beforeStart } of plans) {
      if (beforeStart === null) continue;
      this.#run.tally.beforeStart({ stream: stream.definition.name, accountId, ...beforeStart });
    }
    const executions = plans.reduce((sum, plan) => sum + plan.candidates.length, 0);
    const inFlight = this.#resumables().length;
    this.#run.logger.info('run.planned', {
      account_id: accountId,
      executions,
      in_flight: inFlight,
      hours_ahead: hoursAhead(executions + inFlight, this.#slots.size),
      closing: plans.reduce((sum, plan) => sum + plan.closings.length, 0),
    });
  }

  #reportRisks(): void {
    for (const { stream, atRisk } of this.#plan()) {
      for (const eventDate of atRisk) {
        const slice = {
          stream: stream.definition.name,
          accountId: this.#book.accountId,
          eventDate,
        };
        this.#run.tally.atRisk(slice);
        this.#run.logger.warn('slice.at_risk', {
          stream: slice.stream,
          account_id: slice.accountId,
          event_date: eventDate,
          reason: 'less than 48 hours remain and there is no complete copy of it',
        });
      }
    }
  }

  #partition(stream: AccountStream): PartitionState | undefined {
    return this.#book.partition(stream.definition.name);
  }

  #stream(name: string): AccountStream {
    const stream = this.#streams.get(name);
    if (stream === undefined) throw new Error(`${name} is no stream of ${this.#book.accountId}`);
    return stream;
  }
}

function sliceKey(stream: AccountStream, eventDate: EventDate): string {
  return `${stream.definition.name} ${eventDate}`;
}

/** Executions often take 15 minutes (API.md 1.3). */
const USUAL_EXECUTION_HOURS = 0.25;

function hoursAhead(executions: number, slots: number): number {
  return Math.ceil(executions / slots) * USUAL_EXECUTION_HOURS;
}
