/** A seeded source of numbers: the same seed gives the same numbers on every machine. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** An integer in [0, below). */
  integer(below: number): number;
  /** Exponential with the given mean. */
  exponential(mean: number): number;
  /** Normal with mean 0 and standard deviation 1. */
  normal(): number;
}

/** Mulberry32 over an FNV-1a hash of the seed. */
export function seededRandom(seed: string): Random {
  let state = Number(hash64(seed) & 0xffff_ffffn);
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    integer: (below) => Math.floor(next() * below),
    exponential: (mean) => -mean * Math.log(1 - next()),
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
  };
}

/** 64-bit FNV-1a of the UTF-8 text, with a final mix so that near texts lie far apart. */
export function hash64(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(text)) {
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffff_ffff_ffff_ffffn;
  }
  hash = ((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn) & 0xffff_ffff_ffff_ffffn;
  return hash ^ (hash >> 33n);
}

/** A stable id of 18 digits, far above 2^53, as decimal text. */
export function stableId(text: string): string {
  return String(100_000_000_000_000_000n + (hash64(text) % 900_000_000_000_000_000n));
}

/** The index that `point` in [0, total weight) falls on, by binary search in running sums. */
export function pickByWeight(runningSums: readonly number[], point: number): number {
  let low = 0;
  let high = runningSums.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runningSums[middle] ?? 0) <= point) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function runningSums(weights: readonly number[]): number[] {
  let sum = 0;
  return weights.map((weight) => (sum += weight));
}
