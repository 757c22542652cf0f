import { TrafficEventsError } from '@traffic-events/client';
import type { AccountClient } from '@traffic-events/client';
import { windowOf } from '@traffic-events/slice';

import { bundleHash } from '../bundles/compose-bundles.ts';
import { isWanted } from '../planning/plan-partition.ts';
import { inFlightOf } from '../state/execution-date.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { AccountProgress } from './account-progress.ts';
import { AccountUnavailable } from './account-unavailable.ts';
import { isOrphan, listOwn } from './adoption.ts';
import type { ListedExecution, OwnExecutions } from './adoption.ts';
import type { ApiReach } from './api-reach.ts';
import type { BundleChoice } from './bundle-choice.ts';
import { isUnanswered } from './failure.ts';
import type { RunContext } from './run-context.ts';
import { parseWorkflowId } from './workflow-id.ts';

/** How often the list is asked for where outages come between. */
const MAX_LISTS = 3;

export interface OrphansOptions {
  readonly run: RunContext;
  readonly account: AccountClient;
  readonly progress: AccountProgress;
  readonly reach: ApiReach;
  readonly streams: ReadonlyMap<string, AccountStream>;
  readonly timeZone: string;
}

/** What runs of an account created and could not tell anyone. */
export class Orphans {
  readonly #options: OrphansOptions;

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  /**
   * This project's executions as the API lists them; none where it has no list. `onRefused` comes
   * before whatever is waited for, or thrown, where it does not list them.
   */
  async list(onRefused: () => Promise<unknown>): Promise<OwnExecutions> {
    const { run, account, streams, progress } = this.#options;
    const { client, signal, logger } = run;
    const what = {
      account,
      streams,
      partition: (stream: string) => progress.partition(stream),
      nowMs: client.apiTimeMs(),
      signal,
      onDoubt: (reason: string) =>
        logger.warn({ account_id: progress.accountId, reason }, 'run.list_incomplete'),
    };
    for (let tries = 1; ; tries += 1) {
      try {
        return await listOwn(what);
      } catch (error) {
        await onRefused();
        const reason = await this.#whyNoList(error);
        if (reason === null && tries < MAX_LISTS) continue;
        logger.warn({ account_id: progress.accountId, reason }, 'run.list_unavailable');
        return { latest: [], bundles: [], createTimesMs: [], durationsMs: [] };
      }
    }
  }

  /** Takes up an execution of one slice. */
  async adopt(orphan: ListedExecution): Promise<void> {
    if (this.#isAdopted(orphan, [orphan.stream])) {
      await this.#options.progress.inFlight(orphan.stream, this.#inFlightOf(orphan));
    }
  }

  /** Takes up an execution of several: where what it asks for is what would be asked for now. */
  async adoptBundle(orphan: ListedExecution, choice: BundleChoice): Promise<void> {
    const hash = parseWorkflowId(orphan.workflowId)?.fingerprint;
    const bundle = choice
      .bundlesOf(orphan.eventDate)
      .find(({ members }) => bundleHash(members) === hash);
    if (bundle === undefined) return;
    const streams = bundle.members.map(({ stream }) => stream.definition.name);
    if (streams.length > 0 && this.#isAdopted(orphan, streams)) {
      const inFlight = { ...this.#inFlightOf(orphan), bundle: bundle.shape };
      await this.#options.progress.inFlightTogether(streams, inFlight);
    }
  }

  #isAdopted(orphan: ListedExecution, streams: readonly string[]): boolean {
    const { run, progress } = this.#options;
    const nowMs = run.client.apiTimeMs();
    return (
      isWanted(orphan.eventDate, run) &&
      streams.every((stream) => isOrphan(orphan, progress.partition(stream), nowMs))
    );
  }

  #inFlightOf({ eventDate, workflowId, execution }: ListedExecution) {
    const window = windowOf(eventDate, this.#options.timeZone);
    return inFlightOf(execution, { eventDate, workflowId, window, sentMs: null });
  }

  /** Null where an outage is over, so that the list can be asked for again. */
  async #whyNoList(error: unknown): Promise<string | null> {
    const { run, reach } = this.#options;
    if (run.signal.aborted) return 'the run was stopped';
    if (!(error instanceof TrafficEventsError) || error.action === 'fatal') throw error;
    if (error.code === 'access_denied') throw new AccountUnavailable(error.message, 'refused');
    if (!isUnanswered(error)) return error.message;
    try {
      return (await reach.confirm()) === 'recovered' ? null : error.message;
    } catch (outage) {
      if (run.signal.aborted) return 'the run was stopped';
      throw outage;
    }
  }
}
