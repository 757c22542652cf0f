import { cleanText } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import { UNKNOWN_BUNDLE, windowOf } from '@traffic-events/slice';
import type {
  PartitionChange,
  RefusedStream,
  Sink,
  SliceOutcome,
  SliceResult,
} from '@traffic-events/slice';

import { withStreams } from '../streams/account-streams.ts';
import type { AccountStream, AccountWithStreams } from '../streams/account-streams.ts';
import { archivedKeys, hasResult } from './archive.ts';
import { ArchivedProofs } from './archived-proofs.ts';
import { bundleResults, finishedExecution, ownResult, withUnpacked } from './archived-result.ts';
import type { ArchivedResult, Unpacked } from './archived-result.ts';
import type { Archive, ArchivedExecution } from './archive.ts';
import { decideDelivery } from '../results/delivery.ts';
import { describeStreams } from '../streams/describe-streams.ts';
import { isOfOneResult, ResultRefusedError } from '../errors.ts';
import { asHeld } from '../state/held-accounts.ts';
import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import { newPartition } from '../state/partition.ts';
import type { DateRange } from '../planning/plan-partition.ts';
import { isOfStream, renameDefinitions } from '../state/renamed-definition.ts';
import { withRowPlaces } from '../results/row-places.ts';
import { sliceResult } from '../results/slice-result.ts';
import type { BundleMember } from '../bundles/compose-bundles.ts';
import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { RunState } from '../state/run-state.ts';
import type { PendingChange } from '../state/run-state.ts';
import type { StreamDefinition } from '../streams/stream.ts';
import { sliceTiming } from '../streams/timing.ts';

export interface RebuildOptions {
  readonly archive: Archive;
  readonly accounts: readonly Account[];
  readonly streams: readonly StreamDefinition[];
  /** Reloads only these event dates. */
  readonly range?: DateRange;
  readonly state: readonly PartitionChange[];
  readonly sink: Sink;
  readonly runId: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  readonly logger?: Logger;
  readonly signal?: AbortSignal;
}

export interface RebuildSummary {
  /** Executions that were handed to the sink, which keeps what is better. */
  readonly reloaded: number;
  readonly kept: number;
  /** Executions of another definition, which are not mixed with today's. */
  readonly otherDefinition: number;
  /** Why a result that is, or should be, in the archive was not loaded, by name; each once. */
  readonly skipped: readonly string[];
}

/**
 * Loads slices again from the archive, without the API. The sink ranks them as ever. What is damaged
 * or missing, and what the sink cannot take, is left out and named.
 */
export async function runRebuild(options: RebuildOptions): Promise<RebuildSummary> {
  const accounts = options.accounts.map((account) => withStreams(account, options.streams));
  const { sink, runId, startedAt, signal } = options;
  const accountIds = accounts.map(({ accountId }) => accountId);
  const mark = { id: runId, started_at: startedAt };
  const refused = await sink.open(mark, describeStreams(accounts), accountIds);
  const { state, changes } = renameDefinitions(accounts, options.state);
  if (changes.length > 0) await sink.ledger([], changes);
  const rebuild = new Rebuild({ ...options, state });
  rebuild.leaveOut(refused);
  const archivedIds = await options.archive.accountIds();
  for (const account of accounts) {
    for (const archived of archivedAs(account, archivedIds, options.streams)) {
      for (const stream of archived.streams.values()) {
        for await (const execution of rebuild.archived(archived, stream)) {
          signal?.throwIfAborted();
          await rebuild.reload(account, stream, execution);
        }
      }
      const proofs = await rebuild.proofs(account, archived);
      for await (const execution of rebuild.bundles(archived)) {
        signal?.throwIfAborted();
        await rebuild.reloadBundle(account, archived, { execution, proofs });
      }
    }
  }
  await sink.close();
  rebuild.sayWhereNothingWas(accountIds);
  return rebuild.summary;
}

/** The account under each name of its zone that the archive has, with the fingerprints of then. */
function archivedAs(
  { account, accountId }: AccountWithStreams,
  archivedIds: readonly string[],
  streams: readonly StreamDefinition[],
): AccountWithStreams[] {
  const keys = archivedKeys(accountId, archivedIds);
  // Where none is seen, it may be that a folder cannot be read: looking for it tells.
  return (keys.length === 0 ? [accountId] : keys).map((id) =>
    withStreams(asHeld(account, [id]), streams),
  );
}

/** A result that is loaded. */
interface LoadedResult extends ArchivedResult {
  /** Shape of the bundle that it is of. */
  readonly bundle?: string;
  readonly isProven?: boolean;
}

class Rebuild {
  readonly #options: RebuildOptions;
  readonly #state: RunState;
  readonly #logger: Logger;
  #reloaded = 0;
  #kept = 0;
  #otherDefinition = 0;
  #found = 0;
  readonly #skipped: string[] = [];
  readonly #refused = new Set<string>();

  constructor(options: RebuildOptions) {
    this.#options = options;
    this.#state = new RunState(options.state);
    this.#logger = options.logger ?? silentLogger;
  }

  get summary(): RebuildSummary {
    return {
      reloaded: this.#reloaded,
      kept: this.#kept,
      otherDefinition: this.#otherDefinition,
      skipped: this.#skipped,
    };
  }

  /** Names streams that the sink cannot take, of which nothing is loaded. */
  leaveOut(streams: readonly RefusedStream[]): void {
    for (const { stream, reason } of streams) {
      this.#refused.add(stream);
      this.#skipped.push(cleanText(reason));
    }
  }

  /** Nothing to rebuild from is no success: the folder may be another one than was meant. */
  sayWhereNothingWas(accountIds: readonly string[]): void {
    if (this.#found > 0 || this.#skipped.length > 0) return;
    const { streams } = this.#options;
    this.#skipped.push(
      `the archive has nothing of ${accountIds.join(', ')} and ${streams.map(({ name }) => name).join(', ')} on these dates`,
    );
  }

  /** What the archive has of a stream and account. */
  archived(
    account: AccountWithStreams,
    { definition }: AccountStream,
  ): AsyncIterable<ArchivedExecution> {
    return this.#listed(account, definition.name);
  }

  /** What it has of several streams of an account at once, where any of them is asked for. */
  bundles(account: AccountWithStreams): AsyncIterable<ArchivedExecution> {
    return this.#listed(
      account,
      BUNDLE_STREAM,
      (bundle) => askedLabels(bundle, account).length > 0,
    );
  }

  async *#listed(
    { accountId }: AccountWithStreams,
    stream: string,
    isAsked: (execution: ArchivedExecution) => boolean = () => true,
  ): AsyncGenerator<ArchivedExecution> {
    const { archive, range } = this.#options;
    const slices = { accountId, stream };
    const executions = archive.list({ ...slices, ...range }, ({ message }) => {
      if (this.#skipped.includes(message)) return;
      this.#skipped.push(message);
      this.#logger.warn(
        {
          stream,
          account_id: accountId,
          reason: message,
        },
        'archive.damaged',
      );
    });
    for await (const execution of executions) {
      if (!isAsked(execution)) continue;
      this.#found += 1;
      yield execution;
    }
  }

  /** `archived` is the stream as the archive has its account. */
  async reload(
    account: AccountWithStreams,
    archived: AccountStream,
    execution: ArchivedExecution,
  ): Promise<void> {
    if (this.#refused.has(execution.stream)) return;
    if (!hasResult(execution)) {
      this.#log('warn', 'slice.skipped', execution, {
        reason: 'the API had listed no file for it, which does not say that it was empty',
      });
      return;
    }
    const partition = this.#state.get(execution.stream, account.accountId);
    const stream = account.streams.get(execution.stream);
    if (stream === undefined || !isOfStream(execution.fingerprint, archived, partition)) {
      this.#otherDefinition += 1;
      return;
    }
    await this.#unpacked(execution, async (unpacked) => {
      const result = await ownResult(unpacked, stream.definition);
      await this.#load(account, stream, execution, result);
    });
  }

  /** What the archive says of bundles of an account. */
  proofs(account: AccountWithStreams, archived: AccountWithStreams): Promise<ArchivedProofs> {
    return ArchivedProofs.read({
      archive: this.#options.archive,
      accountId: archived.accountId,
      timeZone: account.account.timeZone,
      memberOf: (label) => this.#memberOf(label, account, archived),
    });
  }

  /** Each slice of it whose definition is today's. */
  async reloadBundle(
    account: AccountWithStreams,
    archived: AccountWithStreams,
    { execution, proofs }: { execution: ArchivedExecution; proofs: ArchivedProofs },
  ): Promise<void> {
    const labels = askedLabels(execution, account).filter(
      (label) => !this.#refused.has(streamOf(label)),
    );
    const members = labels.flatMap((label) => this.#memberOf(label, account, archived) ?? []);
    this.#otherDefinition += labels.length - members.length;
    if (members.length === 0) return;
    await this.#unpacked(execution, async (unpacked) => {
      for (const { member, ...result } of await bundleResults(unpacked, members)) {
        const { stream } = member;
        const isProven = proofs.isProven(execution, member);
        const slice = { ...execution, stream: stream.definition.name };
        const loaded = { ...result, bundle: execution.shape ?? UNKNOWN_BUNDLE, isProven };
        await this.#load(account, stream, slice, loaded).catch((error: unknown) => {
          if (!isOfOneResult(error)) throw error;
          this.#skip(slice, error.message);
        });
      }
    });
  }

  #memberOf(
    label: string,
    account: AccountWithStreams,
    archived: AccountWithStreams,
  ): BundleMember | undefined {
    const name = streamOf(label);
    const fingerprint = label.slice(name.length + 1);
    if (this.#refused.has(name)) return undefined;
    const stream = account.streams.get(name);
    const former = archived.streams.get(name);
    const aggregate = stream?.definition.aggregate;
    const partition = this.#state.get(name, account.accountId);
    if (stream === undefined || former === undefined || aggregate === undefined) return undefined;
    return isOfStream(fingerprint, former, partition) ? { stream, aggregate, label } : undefined;
  }

  /** Skips, and names, an execution whose files or rows cannot be taken. */
  #unpacked(
    execution: ArchivedExecution,
    use: (unpacked: Unpacked) => Promise<void>,
  ): Promise<void> {
    return withUnpacked(this.#options.archive, execution, use, ({ message }) =>
      this.#skip(execution, message),
    );
  }

  #skip(execution: ArchivedExecution, reason: string): void {
    const { stream, account_id, event_date, execution_id } = execution;
    this.#skipped.push(
      `${stream} ${account_id} ${event_date} (execution ${execution_id}): ${cleanText(reason)}`,
    );
    this.#log('warn', 'slice.failed', execution, { reason: cleanText(reason), from: 'archive' });
  }

  async #load(
    { account, accountId }: AccountWithStreams,
    { definition: stream, fingerprint }: AccountStream,
    execution: ArchivedExecution,
    { bundle, isProven, ...result }: LoadedResult,
  ): Promise<void> {
    const slice = { stream: stream.name, accountId, eventDate: execution.event_date };
    const window = windowOf(slice.eventDate, account.timeZone);
    const partition =
      this.#state.get(slice.stream, accountId) ?? newPartition(fingerprint, slice.eventDate);
    const { files, reading } = result;
    const decision = decideDelivery(
      partition,
      slice.eventDate,
      sliceTiming(stream.timing, window),
      { ...finishedExecution(execution, result), bundle, isProven },
    );
    const { runId, startedAt } = this.#options;
    const loaded = sliceResult({
      stream,
      context: {
        slice,
        marketplace: execution.marketplace,
        fingerprint,
        runId,
        recordedAt: startedAt,
      },
      workflowId: execution.workflow_id,
      files,
      reading,
      decision,
      extractedAt: execution.extracted_at,
    });
    const change = this.#state.change(slice.stream, accountId, () => decision.partition);
    const outcome = await withRowPlaces(stream, files, () => this.#handOver(loaded, change));
    this.#count(execution, outcome.kind === 'kept_better');
  }

  async #handOver(result: SliceResult, change: PendingChange): Promise<SliceOutcome> {
    const outcome = await this.#options.sink.slice(result, change);
    if (outcome.kind === 'refused') {
      change.withdraw();
      throw new ResultRefusedError(outcome);
    }
    change.settle();
    return outcome;
  }

  #count(execution: ArchivedExecution, kept: boolean): void {
    this.#reloaded += 1;
    if (kept) this.#kept += 1;
    this.#log('info', kept ? 'slice.kept' : 'slice.loaded', execution, { from: 'archive' });
  }

  #log(
    level: 'info' | 'warn',
    event: string,
    execution: ArchivedExecution,
    fields: Readonly<Record<string, unknown>>,
  ): void {
    this.#logger[level](
      {
        stream: execution.stream,
        account_id: execution.account_id,
        event_date: execution.event_date,
        execution_id: execution.execution_id,
        ...fields,
      },
      event,
    );
  }
}

/** Of the streams of a bundle those that are asked for. */
function askedLabels(
  { labels = [] }: ArchivedExecution,
  { streams }: AccountWithStreams,
): readonly string[] {
  return labels.filter((label) => streams.has(streamOf(label)));
}

function streamOf(label: string): string {
  return label.split('.')[0] ?? '';
}
