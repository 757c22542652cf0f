/** A duration that is known to lie in (lowMs, highMs]; both equal where it is known exactly. */
export interface DurationInterval {
  readonly lowMs: number;
  readonly highMs: number;
}

/** Durations whose logarithms are normal with this mean and standard deviation (of ln ms). */
export interface DurationFit {
  readonly mean: number;
  readonly deviation: number;
}

const MIN_DEVIATION = 0.02;
const ROUNDS = 25;

/**
 * The log-normal distribution that explains the intervals best. Polling sees only between which two
 * polls an execution ended; taking midpoints instead would drag the fit towards wherever polls are
 * sparse. Expectation maximisation for interval-censored normal data; `intervals` must not be empty.
 */
export function fitDurations(intervals: readonly DurationInterval[]): DurationFit {
  let fit = fromMoments(intervals.map((interval) => ({ mean: middle(interval), variance: 0 })));
  for (let round = 0; round < ROUNDS; round += 1) {
    const current = fit;
    fit = fromMoments(intervals.map((interval) => expectation(interval, current)));
  }
  return fit;
}

interface Moments {
  readonly mean: number;
  readonly variance: number;
}

function fromMoments(moments: readonly Moments[]): DurationFit {
  const count = moments.length;
  const mean = moments.reduce((sum, one) => sum + one.mean, 0) / count;
  const variance =
    moments.reduce((sum, one) => sum + (one.mean - mean) ** 2 + one.variance, 0) / count;
  return { mean, deviation: Math.max(MIN_DEVIATION, Math.sqrt(variance)) };
}

function middle({ lowMs, highMs }: DurationInterval): number {
  return (Math.log(lowMs) + Math.log(highMs)) / 2;
}

/** Mean and variance of a truncated normal. */
function expectation(interval: DurationInterval, { mean, deviation }: DurationFit): Moments {
  const low = (Math.log(interval.lowMs) - mean) / deviation;
  const high = (Math.log(interval.highMs) - mean) / deviation;
  const mass = cumulative(high) - cumulative(low);
  if (mass < 1e-6) return { mean: middle(interval), variance: 0 };
  const shift = (density(low) - density(high)) / mass;
  const spread = (low * density(low) - high * density(high)) / mass;
  const variance = Math.max(0, 1 + spread - shift ** 2);
  return { mean: mean + deviation * shift, variance: deviation ** 2 * variance };
}

function density(z: number): number {
  return Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
}

/** Abramowitz and Stegun 26.2.17; the error is below 7.5e-8. */
function cumulative(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = density(z) * series;
  return z >= 0 ? 1 - tail : tail;
}
