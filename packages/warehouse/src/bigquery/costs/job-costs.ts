import type { JobCost } from '../../warehouse-costs.ts';

/** What jobs are for: as they are counted, and as their label says. */
export type JobKind = 'load' | 'commit' | 'lease' | 'read' | 'alter' | 'cost';

/** Adds up what a run has submitted. Load jobs are free of charge. */
export class JobCosts {
  readonly #costs = new Map<JobKind, JobCost>();

  add(kind: JobKind, bytesBilled: number): void {
    const { jobs, bytesBilled: billed } = this.of(kind);
    this.#costs.set(kind, { jobs: jobs + 1, bytesBilled: billed + bytesBilled });
  }

  of(kind: JobKind): JobCost {
    return this.#costs.get(kind) ?? { jobs: 0, bytesBilled: 0 };
  }

  get jobs(): number {
    return [...this.#costs.values()].reduce((sum, cost) => sum + cost.jobs, 0);
  }

  get bytesBilled(): number {
    return [...this.#costs.values()].reduce((sum, cost) => sum + cost.bytesBilled, 0);
  }

  /** What has been added up, with one job of a kind that is still to come: its bytes are not known. */
  kindsWith(coming: JobKind): ReadonlyMap<JobKind, JobCost> {
    const { jobs, bytesBilled } = this.of(coming);
    return new Map([...this.#costs, [coming, { jobs: jobs + 1, bytesBilled }]]);
  }

  /** Fields for a log line: `{ jobs, bytes_billed, load_jobs, commit_jobs, … }`. */
  fields(): Record<string, number> {
    const jobs = [...this.#costs].map(([kind, cost]) => [`${kind}_jobs`, cost.jobs] as const);
    return { jobs: this.jobs, bytes_billed: this.bytesBilled, ...Object.fromEntries(jobs) };
  }
}
