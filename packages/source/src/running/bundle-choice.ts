import type { BundleProof, EventDate } from '@traffic-events/slice';

import { bundleHash, BUNDLE_LIMITS, composeBundles } from '../bundles/compose-bundles.ts';
import type { BundleMember } from '../bundles/compose-bundles.ts';
import type { Candidate } from '../planning/plan-partition.ts';
import { mayJoin } from '../state/bundle-record.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { StreamPlan } from './account-planner.ts';

export interface BundleChoiceOptions {
  readonly plans: readonly Pick<StreamPlan, 'stream' | 'candidates'>[];
  readonly isOn: boolean;
  /** Streams that a bundle may have; may be Infinity. */
  readonly maxMembers: number;
  readonly mayCreate: (stream: AccountStream, candidate: Candidate) => boolean;
  /** How far the proof of a stream is, in bundles of a shape. */
  readonly proofOf: (stream: string, shape: string) => BundleProof;
}

/** Streams that are asked for together. */
export interface ChosenBundle {
  readonly members: readonly BundleMember[];
  /** Of all that an account may be asked for together with them, on whatever date. */
  readonly shape: string;
}

/**
 * Which slices of a plan are asked for together. What may be asked for together is the same on every
 * date: of that, a date is asked for what is due.
 */
export class BundleChoice {
  readonly #options: BundleChoiceOptions;
  readonly #layout: readonly ChosenBundle[];

  constructor(options: BundleChoiceOptions) {
    this.#options = options;
    const streams = options.isOn ? options.plans.map(({ stream }) => stream) : [];
    const limits = { ...BUNDLE_LIMITS, members: options.maxMembers };
    this.#layout = composeBundles(streams, limits).map(({ members }) => ({
      members,
      shape: bundleHash(members),
    }));
  }

  /** What is asked for by the query of a slice, itself included; nothing where it stands alone. */
  bundleWith(chosen: Candidate): ChosenBundle | undefined {
    const isChosen = ({ stream }: BundleMember) => stream.definition.name === chosen.stream.name;
    const bundle = this.bundlesOf(chosen.eventDate).find(({ members }) => members.some(isChosen));
    return bundle !== undefined && bundle.members.length > 1 ? bundle : undefined;
  }

  /** The slices that the query of one asks for, itself included. */
  candidatesWith(chosen: Candidate): readonly Candidate[] {
    const members = this.bundleWith(chosen)?.members ?? [];
    const found = members.flatMap(
      ({ stream }) => this.#candidateOf(stream, chosen.eventDate) ?? [],
    );
    return found.length > 0 ? found : [chosen];
  }

  /** The bundles that would ask for all that is due of a date. */
  bundlesOf(eventDate: EventDate): ChosenBundle[] {
    return this.#layout.map(({ members, shape }) => ({
      shape,
      members: members.filter((member) => this.#isDue(member, shape, eventDate)),
    }));
  }

  #candidateOf(stream: AccountStream, eventDate: EventDate): Candidate | undefined {
    const plan = this.#options.plans.find((each) => each.stream === stream);
    return plan?.candidates.find((each) => each.eventDate === eventDate);
  }

  #isDue({ stream }: BundleMember, shape: string, eventDate: EventDate): boolean {
    const { mayCreate, proofOf } = this.#options;
    const candidate = this.#candidateOf(stream, eventDate);
    return (
      candidate !== undefined &&
      isPlain(candidate) &&
      mayJoin(proofOf(stream.definition.name, shape)) &&
      mayCreate(stream, candidate)
    );
  }
}

/** Retries, and dates of which a part has expired, are asked for by themselves. */
function isPlain({ attempts, expired, alone }: Candidate): boolean {
  return attempts === 0 && !expired && !alone;
}
