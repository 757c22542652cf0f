import type { EventDate } from '@traffic-events/slice';

import type { AccountStream } from '../streams/account-streams.ts';
import type { RunContext } from './run-context.ts';
import type { LeftReason } from './run-summary.ts';

/** Calls that get no answer although the API gives others: so often, then not again in this run. */
const MAX_UNANSWERED_CREATES = 3;
const MAX_UNANSWERED_FOLLOWS = 2;

/** What must not be sent, or asked for, again in this run. */
export class Exclusions {
  readonly #refusedStreams: RunContext['refusedStreams'];
  /** Streams whose definition is refused, or makes nothing of use. */
  readonly #streams = new Map<string, LeftReason>();
  /** Data sources over which too many workflows ran. */
  readonly #crowded = new Set<string>();
  /** Slices whose create may or may not have taken effect. */
  readonly #doubtful = new Set<string>();
  /** How often in a row nothing was heard of an execution. */
  readonly #unanswered = new Map<string, number>();
  /** Executions that are left to the next run. */
  readonly #left = new Set<string>();
  #unansweredCreates = 0;

  constructor({ refusedStreams }: Pick<RunContext, 'refusedStreams'>) {
    this.#refusedStreams = refusedStreams;
  }

  stream(name: string, reason: LeftReason): void {
    this.#streams.set(name, reason);
  }

  crowd(dataSources: readonly string[]): void {
    for (const dataSource of dataSources) this.#crowded.add(dataSource);
  }

  doubt(stream: string, eventDate: EventDate): void {
    this.#doubtful.add(`${stream} ${eventDate}`);
  }

  createAnswered(): void {
    this.#unansweredCreates = 0;
  }

  createUnanswered(): void {
    this.#unansweredCreates += 1;
  }

  followUnanswered(executionId: string): void {
    this.#unanswered.set(executionId, (this.#unanswered.get(executionId) ?? 0) + 1);
  }

  /** Creates get no answer, although the API gives others. */
  get isCreateLost(): boolean {
    return this.#unansweredCreates >= MAX_UNANSWERED_CREATES;
  }

  /** `mustNow`: it would settle, or expires soon. */
  mayCreate(stream: AccountStream, eventDate: EventDate, mustNow: boolean): boolean {
    const reason = this.whyNotCreate(stream, eventDate);
    return reason === null || (reason === 'overlap' && mustNow);
  }

  whyNotCreate({ definition }: AccountStream, eventDate: EventDate): LeftReason | null {
    const { name, dataSources } = definition;
    if (this.#refusedStreams.has(name)) return 'warehouse';
    const reason = this.#streams.get(name);
    if (reason !== undefined) return reason;
    if (this.isCreateLost || this.#doubtful.has(`${name} ${eventDate}`)) return 'network';
    return dataSources.some((table) => this.#crowded.has(table)) ? 'overlap' : null;
  }

  /** Leaves an execution in flight, to the next run. */
  leave(executionId: string): void {
    this.#left.add(executionId);
  }

  mayResume({ definition }: AccountStream, executionId: string): boolean {
    if (this.#refusedStreams.has(definition.name)) return false;
    return !this.#left.has(executionId) && !this.isUnheard(executionId);
  }

  /** The API answers, but not when it is asked about this execution. */
  isUnheard(executionId: string): boolean {
    return (this.#unanswered.get(executionId) ?? 0) >= MAX_UNANSWERED_FOLLOWS;
  }
}
