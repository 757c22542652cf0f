/** Jobs of one kind, and what they cost. */
export interface JobCost {
  readonly jobs: number;
  readonly bytesBilled: number;
}

/** What the runs that loaded into a warehouse have cost together. Times are wall time. */
export interface WarehouseCosts extends JobCost {
  /** When the first of them began. */
  readonly since: Date;
  readonly runs: number;
  /** By what the jobs were for. */
  readonly kinds: Readonly<Record<string, JobCost>>;
  readonly lastRun: JobCost & {
    readonly id: string;
    readonly startedAt: Date;
    readonly endedAt: Date;
  };
}
