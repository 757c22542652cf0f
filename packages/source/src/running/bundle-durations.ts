import type { WorkflowExecution } from '@traffic-events/client';

import { durationOf } from './adoption.ts';

/** Bundles that have to say the same. */
const ENOUGH = 3;

/** Learns whether slices take less time together than one by one. */
export class BundleDurations {
  /** By stream: how long its own query took when it was last asked for. */
  readonly #alone = new Map<string, number>();
  readonly #together: { readonly durationMs: number; readonly streams: readonly string[] }[] = [];

  alone(execution: WorkflowExecution, stream: string): void {
    for (const durationMs of durationOf(execution)) this.#alone.set(stream, durationMs);
  }

  together(execution: WorkflowExecution, streams: readonly string[]): void {
    this.#together.push(...durationOf(execution).map((durationMs) => ({ durationMs, streams })));
  }

  /** Whether a slot would do more slices one by one than together. */
  get areSlower(): boolean {
    const known = this.#together.filter(({ streams }) =>
      streams.every((stream) => this.#alone.has(stream)),
    );
    const slower = known.filter(({ durationMs, streams }) => {
      const all = streams.reduce((sum, stream) => sum + (this.#alone.get(stream) ?? 0), 0);
      return durationMs > all;
    });
    return known.length >= ENOUGH && slower.length * 2 > known.length;
  }
}
