/** One figure of `npm run bench`, as printed by `--json`. */
export interface Measurement {
  /** `pg.sync_vs_copy`; the part before the point is the subject. */
  readonly name: string;
  readonly value: number;
  /** `ratio`, `MB`, `s`, … */
  readonly unit: string;
  /** What the value was compared with, in words: `COPY of the same CSV, 2.1 s`. */
  readonly baseline?: string;
  /** The limit, with its direction: `>= 0.75`. */
  readonly target?: string;
  /** Whether the target is met; true where there is none. */
  readonly ok: boolean;
}

/** Measurements that are taken together, because they share a run. */
export interface Bench {
  readonly names: readonly string[];
  measure(report: (line: string) => void): Promise<readonly Measurement[]>;
}

/** A measurement whose target is a lower bound. */
export function atLeast(
  target: number,
  measurement: Omit<Measurement, 'target' | 'ok'>,
): Measurement {
  return { ...measurement, target: `>= ${target}`, ok: measurement.value >= target };
}

/** A measurement whose target is an upper bound. */
export function atMost(
  target: number,
  measurement: Omit<Measurement, 'target' | 'ok'>,
): Measurement {
  return { ...measurement, target: `<= ${target}`, ok: measurement.value <= target };
}
