import { isFinal, windowOf } from '@traffic-events/slice';
import type { InstantMs } from '@traffic-events/slice';

import type { BundleMember } from '../bundles/compose-bundles.ts';
import { compareAlone } from '../bundles/prove-bundle.ts';
import { copyOf } from '../results/delivery.ts';
import type { ResultSummary } from '../results/summarise.ts';
import { PROOF_MS } from '../state/bundle-record.ts';
import { BUNDLE_STREAM } from '../streams/bundle-stream.ts';
import { sliceTiming } from '../streams/timing.ts';
import type { Archive, ArchivedExecution } from './archive.ts';
import { bundleResults, finishedExecution, ownResult, withUnpacked } from './archived-result.ts';
import type { ArchivedResult, Unpacked } from './archived-result.ts';

export interface ArchivedProofsOptions {
  readonly archive: Archive;
  /** As the archive has it. */
  readonly accountId: string;
  readonly timeZone: string | undefined;
  /** The slice of a label, where it is of a definition that can be read. */
  readonly memberOf: (label: string) => BundleMember | undefined;
}

/** What an account had shown of bundles by slices that it was asked for both ways. */
interface Comparison {
  readonly stream: string;
  readonly isEqual: boolean;
  readonly atMs: InstantMs;
}

/**
 * The proofs that an account has given, made again of what the archive has: no slice closes from a
 * bundle alone without one, however it comes into the warehouse.
 */
export class ArchivedProofs {
  readonly #options: ArchivedProofsOptions;
  /** By shape and data source. */
  readonly #comparisons = new Map<string, Comparison[]>();
  readonly #streams = new Map<string, Set<string>>();

  private constructor(options: ArchivedProofsOptions) {
    this.#options = options;
  }

  static async read(options: ArchivedProofsOptions): Promise<ArchivedProofs> {
    const proofs = new ArchivedProofs(options);
    const { archive, accountId } = options;
    const bundles = archive.list({ accountId, stream: BUNDLE_STREAM }, () => {});
    for await (const bundle of bundles) {
      const members = (bundle.labels ?? []).flatMap((label) => options.memberOf(label) ?? []);
      for (const { aggregate, stream } of members) {
        const key = keyOf(bundle, aggregate.dataSource);
        const known = proofs.#streams.get(key) ?? new Set();
        proofs.#streams.set(key, known.add(stream.definition.name));
      }
      await proofs.#compare(bundle, members);
    }
    return proofs;
  }

  /** Whether a bundle was right by what was compared within 30 days of it, at all grains. */
  isProven(bundle: ArchivedExecution, { aggregate: { dataSource } }: BundleMember): boolean {
    const key = keyOf(bundle, dataSource);
    const seenMs = Date.parse(bundle.seen_finished);
    const near = (this.#comparisons.get(key) ?? []).filter(
      ({ atMs }) => Math.abs(atMs - seenMs) < PROOF_MS,
    );
    const streams = [...(this.#streams.get(key) ?? [])];
    return (
      near.every(({ isEqual }) => isEqual) &&
      streams.every((stream) => near.some((each) => each.stream === stream))
    );
  }

  async #compare(bundle: ArchivedExecution, members: readonly BundleMember[]): Promise<void> {
    const alone = [];
    for (const member of members) {
      const execution = this.#isSettled(bundle, member)
        ? await this.#aloneOf(bundle, member)
        : null;
      if (execution !== null) alone.push({ member, execution });
    }
    if (alone.length === 0) return;
    const answers = await this.#answersOf(bundle, members);
    for (const { member, execution } of alone) {
      const answer = answers.get(member.label);
      const summary = answer && (await this.#summaryOf(execution, member));
      if (answer && summary) this.#enter(bundle, member, { answer, execution, summary });
    }
  }

  #enter(
    bundle: ArchivedExecution,
    { aggregate, stream: { definition } }: BundleMember,
    found: {
      readonly answer: ResultSummary;
      readonly execution: ArchivedExecution;
      readonly summary: ResultSummary;
    },
  ): void {
    const { answer, execution, summary } = found;
    const said = {
      event_date: bundle.event_date,
      execution_id: bundle.execution_id,
      row_count: answer.rowCount,
      sums: answer.sums,
      suppressed_share: answer.suppressedShare,
    };
    const { proof } = compareAlone(definition, said, summary);
    if (proof === 'empty') return;
    const key = keyOf(bundle, aggregate.dataSource);
    const known = this.#comparisons.get(key) ?? [];
    const atMs = Date.parse(execution.seen_finished);
    known.push({ stream: definition.name, isEqual: proof === 'equal', atMs });
    this.#comparisons.set(key, known);
  }

  /** The newest result of the slice's own query by the same definition, in which all had arrived. */
  async #aloneOf(
    { event_date: date }: ArchivedExecution,
    member: BundleMember,
  ): Promise<ArchivedExecution | null> {
    const { archive, accountId } = this.#options;
    const { name } = member.stream.definition;
    const slices = { accountId, stream: name, from: date, to: date };
    const executions = await Array.fromAsync(archive.list(slices, () => {}));
    return (
      executions
        .filter(({ fingerprint }) => member.label === `${name}.${fingerprint}`)
        .filter((execution) => this.#isSettled(execution, member))
        .toSorted((a, b) => Date.parse(a.create_time) - Date.parse(b.create_time))
        .at(-1) ?? null
    );
  }

  #timingOf({ event_date: date }: ArchivedExecution, { stream }: BundleMember) {
    return sliceTiming(stream.definition.timing, windowOf(date, this.#options.timeZone));
  }

  #isSettled(execution: ArchivedExecution, member: BundleMember): boolean {
    const { settlesMs, expiresMs } = this.#timingOf(execution, member);
    return (
      Date.parse(execution.create_time) >= settlesMs &&
      Date.parse(execution.seen_finished) <= expiresMs
    );
  }

  async #answersOf(
    bundle: ArchivedExecution,
    members: readonly BundleMember[],
  ): Promise<Map<string, ResultSummary>> {
    const answers = new Map<string, ResultSummary>();
    await this.#unpacked(bundle, async (unpacked) => {
      for (const { member, ...result } of await bundleResults(unpacked, members)) {
        if (this.#isFinal(bundle, member, result)) {
          answers.set(member.label, result.reading.summary);
        }
      }
    });
    return answers;
  }

  async #summaryOf(
    execution: ArchivedExecution,
    member: BundleMember,
  ): Promise<ResultSummary | undefined> {
    let found: ResultSummary | undefined;
    await this.#unpacked(execution, async (unpacked) => {
      const result = await ownResult(unpacked, member.stream.definition);
      if (this.#isFinal(execution, member, result)) found = result.reading.summary;
    });
    return found;
  }

  #isFinal(execution: ArchivedExecution, member: BundleMember, result: ArchivedResult): boolean {
    const timing = this.#timingOf(execution, member);
    return isFinal(copyOf(timing, finishedExecution(execution, result)));
  }

  /** What is wrong with it is told where it is loaded. */
  #unpacked(
    execution: ArchivedExecution,
    use: (unpacked: Unpacked) => Promise<void>,
  ): Promise<void> {
    return withUnpacked(this.#options.archive, execution, use, () => {});
  }
}

function keyOf({ shape }: ArchivedExecution, dataSource: string): string {
  return `${shape} ${dataSource}`;
}
