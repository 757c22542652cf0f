import type { EventDate } from '@traffic-events/slice';

import { composeBundles, isBundled } from '../bundles/compose-bundles.ts';
import type { BundleMember } from '../bundles/compose-bundles.ts';
import type { Candidate } from '../planning/plan-partition.ts';
import type { AccountStream } from '../streams/account-streams.ts';
import type { StreamPlan } from './account-planner.ts';

export interface BundleChoiceOptions {
  readonly plans: readonly StreamPlan[];
  readonly isOn: boolean;
  /** Streams that a bundle may have; may be Infinity. */
  readonly maxMembers: number;
  readonly mayCreate: (stream: AccountStream, candidate: Candidate) => boolean;
}

/** Which slices of a plan are asked for together. */
export class BundleChoice {
  readonly #options: BundleChoiceOptions;

  constructor(options: BundleChoiceOptions) {
    this.#options = options;
  }

  /** What is asked for by the query of a slice, itself included; nothing where it stands alone. */
  membersWith(chosen: Candidate): readonly BundleMember[] {
    const { maxMembers } = this.#options;
    const isChosen = ({ stream }: BundleMember) => stream.definition.name === chosen.stream.name;
    const own = this.bundlesOf(chosen.eventDate).find((members) => members.some(isChosen));
    if (own === undefined || own.length <= maxMembers) return own ?? [];
    const size = Math.max(1, maxMembers);
    const from = Math.floor(own.findIndex(isChosen) / size) * size;
    return own.slice(from, from + size);
  }

  /** The bundles that would ask for all that is due of a date. */
  bundlesOf(eventDate: EventDate): (readonly BundleMember[])[] {
    const { plans, isOn, mayCreate } = this.#options;
    if (!isOn) return [];
    const due = plans.filter(({ stream, candidates }) =>
      candidates.some(
        (candidate) =>
          candidate.eventDate === eventDate && isPlain(candidate) && mayCreate(stream, candidate),
      ),
    );
    return composeBundles(due.map(({ stream }) => stream)).map(({ members }) => members);
  }
}

/** Retries, and dates of which a part has expired, are asked for by themselves. */
function isPlain({ stream, attempts, expired }: Candidate): boolean {
  return isBundled(stream) && attempts === 0 && !expired;
}
