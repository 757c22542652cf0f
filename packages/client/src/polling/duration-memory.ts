import { fitDurations } from './duration-fit.ts';
import type { DurationFit, DurationInterval } from './duration-fit.ts';

/** Enough to tell a distribution; the newest, because habits of the API change. */
const MIN_SAMPLES = 10;
const MAX_SAMPLES = 200;

/** How long executions took, by a key of the caller's choice (a stream, say). */
export class DurationMemory {
  readonly #samples = new Map<string, DurationInterval[]>();
  readonly #fits = new Map<string, DurationFit>();

  add(key: string, interval: DurationInterval): void {
    const samples = this.#samples.get(key) ?? [];
    samples.push(interval);
    if (samples.length > MAX_SAMPLES) samples.shift();
    this.#samples.set(key, samples);
    if (samples.length >= MIN_SAMPLES) this.#fits.set(key, fitDurations(samples));
  }

  /** Null until ten executions of that key have been seen. */
  fit(key: string): DurationFit | null {
    return this.#fits.get(key) ?? null;
  }
}
