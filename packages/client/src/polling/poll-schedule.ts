import type { DurationFit } from './duration-fit.ts';

/** Found done within 29% of its duration, whatever it is: 20 s, then ever 1.29 times as late. */
const FIRST_POLL_MS = 20_000;
const BLIND_GROWTH = 1.29;

/** Catches executions that are far shorter than the others. */
const EARLY_POLL_MS = 70_000;
/**
 * Where to poll when the durations are known, in standard deviations of ln(duration) around its
 * mode: dense where most executions end. Equal steps of probability from 0.25 to 0.80 of a normal
 * distribution 1.3 times as wide. Of the sets that need at most 20 polls when durations are
 * log-normal with a sigma of 0.3, the one with the shortest median delay.
 */
const DENSE_DEVIATIONS = [
  -0.877, -0.731, -0.595, -0.465, -0.34, -0.22, -0.102, 0.014, 0.13, 0.248, 0.367, 0.491, 0.621,
  0.759, 0.915, 1.094,
] as const;
/**
 * Fewer calls for the few that take longest: each waits for this times as long as the execution is
 * late already. Where durations hardly differ, that is seconds and not a share of the whole.
 */
const TAIL_GROWTH = 1.25;
/** Durations as scattered as this say nothing about when to look. */
const USELESS_DEVIATION = 0.6;

const MIN_GAP_MS = 5_000;
const MAX_GAP_MS = 15 * 60_000;

/**
 * When to ask next, in ms since the execution was created, having asked last (or begun) at
 * `elapsedMs`. `fit` is null until enough executions have been seen.
 */
export function nextPollMs(elapsedMs: number, fit: DurationFit | null): number {
  const next =
    fit === null || fit.deviation > USELESS_DEVIATION
      ? nextBlind(elapsedMs)
      : nextLearned(elapsedMs, fit);
  return Math.min(next, elapsedMs + MAX_GAP_MS);
}

function nextBlind(elapsedMs: number): number {
  return elapsedMs < FIRST_POLL_MS ? FIRST_POLL_MS : elapsedMs * BLIND_GROWTH;
}

function nextLearned(elapsedMs: number, { mean, deviation }: DurationFit): number {
  const mode = mean - deviation ** 2;
  const dense = DENSE_DEVIATIONS.map((deviations) => Math.exp(mode + deviations * deviation));
  const early = (dense[0] ?? 0) > EARLY_POLL_MS * BLIND_GROWTH ? [EARLY_POLL_MS] : [];
  const gapMs = Math.max(MIN_GAP_MS, Math.exp(mean) * 0.02);
  // A first poll comes in time however short the durations are.
  const earliestMs = elapsedMs === 0 ? 0 : elapsedMs + gapMs;
  const planned = [...early, ...dense].find((pollMs) => pollMs > elapsedMs && pollMs >= earliestMs);
  return planned ?? elapsedMs + Math.max(gapMs, (elapsedMs - Math.exp(mode)) * TAIL_GROWTH);
}
