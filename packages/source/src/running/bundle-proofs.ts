import type { BundleProof, PartitionState } from '@traffic-events/slice';

import { isBundled } from '../bundles/compose-bundles.ts';
import { proofAt, withLimit, withVerdict } from '../state/bundle-record.ts';
import type { ProofVerdict } from '../state/bundle-record.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { AccountProgress } from './account-progress.ts';
import type { RunContext } from './run-context.ts';

type Edit = (state: PartitionState) => PartitionState;

export interface BundleProofsOptions {
  readonly run: RunContext;
  readonly progress: AccountProgress;
  readonly streams: ReadonlyMap<string, AccountStream>;
}

/** Joins what the streams of a data source have shown of bundles to what holds for all of them. */
export class BundleProofs {
  readonly #options: BundleProofsOptions;

  constructor(options: BundleProofsOptions) {
    this.#options = options;
  }

  /**
   * A source is proven by all of its streams, and refused by one. To be called at the beginning as
   * well: a run may have ended between the comparison of a stream and this.
   */
  async settle(): Promise<void> {
    const nowMs = this.#options.run.client.apiTimeMs();
    for (const [source, streams] of this.#sources()) {
      const known = streams.flatMap((stream) => {
        const record = this.#partition(stream)?.bundle;
        return record === undefined ? [] : [{ stream, record }];
      });
      for (const [shape, together] of Map.groupBy(known, ({ record }) => record.shape)) {
        const names = together.map(({ stream }) => stream);
        const proofs = together.map(({ record }) => proofAt(record, shape, nowMs));
        const refused = together[proofs.indexOf('refused')];
        if (refused !== undefined) {
          const { reason } = refused.record;
          await this.#spread(source, names, { proof: 'refused', reason });
        } else if (proofs.every((proof) => proof === 'equal' || proof === 'good')) {
          await this.#spread(source, names, { proof: 'good' });
        }
      }
    }
  }

  /** How far the proof of a stream is, in bundles of a shape. */
  of(stream: string, shape: string): BundleProof {
    return proofAt(this.#partition(stream)?.bundle, shape, this.#options.run.client.apiTimeMs());
  }

  /** Too many had run over the same data to compare: its streams are asked for alone for a while. */
  async crowded(dataSources: readonly string[]): Promise<void> {
    for (const [source, streams] of this.#sources()) {
      if (!dataSources.includes(source)) continue;
      const open = streams.filter((stream) => this.#partition(stream)?.bundle?.proof === 'open');
      await this.#spread(source, open, { proof: 'overlap' });
    }
  }

  /** Keeps how many streams the service takes in one query. */
  async limited(streams: readonly string[], members: number): Promise<void> {
    const nowMs = this.#options.run.client.apiTimeMs();
    await this.#options.progress.changed(
      streams.map((stream) => [stream, (state) => withLimit(state, members, nowMs)]),
    );
  }

  #sources(): Map<string, string[]> {
    const bundled = [...this.#options.streams.values()].filter(({ definition }) =>
      isBundled(definition),
    );
    const sources = Map.groupBy(bundled, ({ definition }) => definition.dataSources[0] ?? '');
    return new Map(
      [...sources].map(([source, streams]) => [
        source,
        streams.map(({ definition }) => definition.name),
      ]),
    );
  }

  async #spread(
    source: string,
    streams: readonly string[],
    verdict: Omit<ProofVerdict, 'eventDate'>,
  ): Promise<void> {
    const stale = streams.filter((name) => this.#partition(name)?.bundle?.proof !== verdict.proof);
    if (stale.length === 0) return;
    const nowMs = this.#options.run.client.apiTimeMs();
    const dates = streams.map((name) => this.#partition(name)?.bundle?.event_date ?? null);
    const eventDate = dates.find((date) => date !== null) ?? null;
    await this.#options.progress.changed(
      stale.map((stream): [string, Edit] => [
        stream,
        (state) =>
          withVerdict(
            state,
            { ...verdict, eventDate: state.bundle?.event_date ?? eventDate },
            nowMs,
          ),
      ]),
    );
    this.#tell(source, verdict, eventDate);
  }

  #tell(
    source: string,
    { proof, reason }: Omit<ProofVerdict, 'eventDate'>,
    eventDate: string | null,
  ): void {
    const { logger } = this.#options.run;
    const fields = {
      account_id: this.#options.progress.accountId,
      data_source: source,
      event_date: eventDate,
      ...(reason !== undefined && { reason }),
    };
    if (proof === 'good') logger.info(fields, 'bundle.proven');
    else logger.warn(fields, proof === 'refused' ? 'bundle.unproven' : 'bundle.crowded');
  }

  #partition(stream: string): PartitionState | undefined {
    return this.#options.progress.partition(stream);
  }
}
