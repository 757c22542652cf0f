import type { InstantMs } from './event-date.ts';

/** Of a copy of which is known that its bundle waits for a proof, and not which bundle it is. */
export const UNKNOWN_BUNDLE = '';

/** What is known of one copy of a slice; enough to rank it against another. */
export interface Copy {
  readonly executionId: string;
  /** createTime of the execution: the instant that the copy shows. */
  readonly createTimeMs: InstantMs;
  /**
   * The execution was seen finished no later than window start + retention, so that nothing had
   * expired, and its result is known: a file or metadata shows what it holds.
   */
  readonly complete: boolean;
  /** createTime is no earlier than window end + arrival time: nothing more can arrive. */
  readonly settled: boolean;
  /** In doubt by itself, less than half of the copy held, or empty where a copy is held. */
  readonly suspect: boolean;
  /** Why it is suspect by itself, in words. */
  readonly doubt?: string | undefined;
  /** Null where nobody knows what its result holds: no file of it was to be had. */
  readonly rowCount: number | null;
  /** Sum of the stream's main metric as decimal text; null when a blanked cell makes it unknown. */
  readonly mainSum: string | null;
  /** Shape of the bundle that it is of; absent where it is of the slice's own query. */
  readonly bundle?: string | undefined;
  /** Of the definition that it shows; sums of two definitions say nothing about each other. */
  readonly fingerprint?: string | undefined;
}

/** No better copy can be had: it is whole, nothing more can arrive, and nothing speaks against it. */
export function isFinal({
  complete,
  settled,
  suspect,
}: Pick<Copy, 'complete' | 'settled' | 'suspect'>): boolean {
  return complete && settled && !suspect;
}

/**
 * Negative when `a` is the poorer copy, positive when it is the better one, 0 when they rank alike.
 * Order: complete, not suspect, settled, createTime.
 */
export function compareCopies(a: Copy, b: Copy): number {
  return (
    Number(a.complete) - Number(b.complete) ||
    Number(b.suspect) - Number(a.suspect) ||
    Number(a.settled) - Number(b.settled) ||
    a.createTimeMs - b.createTimeMs
  );
}

/**
 * Whether `incoming` is suspect beside the copy that is `held`: it said so itself, it is empty where
 * a copy has rows, or its main sum is below half of the one held. An unknown sum proves nothing, nor
 * does that of another definition.
 */
export function isSuspectBeside(incoming: Copy, held: Copy | undefined): boolean {
  if (incoming.suspect) return true;
  if (held === undefined || isWithoutRows(held)) return false;
  if (isWithoutRows(incoming)) return true;
  return isBelowHalf(incoming, held);
}

function isWithoutRows({ rowCount }: Copy): boolean {
  return rowCount === 0 || rowCount === null;
}

function isBelowHalf(incoming: Copy, held: Copy): boolean {
  if (isOfOtherDefinition(incoming, held)) return false;
  if (incoming.mainSum === null || held.mainSum === null) return false;
  return Number(incoming.mainSum) < Number(held.mainSum) / 2;
}

function isOfOtherDefinition(incoming: Copy, held: Copy): boolean {
  if (incoming.fingerprint === undefined || held.fingerprint === undefined) return false;
  return incoming.fingerprint !== held.fingerprint;
}

/** What rule 6 decides about an incoming copy. */
export type CopyDecision =
  | { readonly apply: true; readonly suspect: boolean }
  | {
      readonly apply: false;
      readonly suspect: boolean;
      readonly reason: string;
      readonly held: Copy;
    };

/** A poorer copy never replaces a better one; a copy of the same execution replaces itself. */
export function decideCopy(incoming: Copy, held: Copy | undefined): CopyDecision {
  const suspect = isSuspectBeside(incoming, held);
  if (held === undefined || held.executionId === incoming.executionId) {
    return { apply: true, suspect };
  }
  if (compareCopies({ ...incoming, suspect }, held) > 0) return { apply: true, suspect };
  return { apply: false, suspect, reason: poorerBecause({ ...incoming, suspect }, held), held };
}

/**
 * Why a copy is kept out, for the ledger: what its source says, where it has kept it out for the same
 * copy. It knows of doubts that the ranks of copies do not tell.
 */
export function keptReason(
  { status, reason }: { readonly status: string; readonly reason: string | null },
  decision: Extract<CopyDecision, { apply: false }>,
): string {
  const isToldBySource = status === 'kept_better' && reason?.includes(decision.held.executionId);
  return isToldBySource === true && reason !== null ? reason : decision.reason;
}

function poorerBecause(incoming: Copy, held: Copy): string {
  const kept = `the copy of execution ${held.executionId} is kept`;
  const isDoubted = (incoming.suspect && !held.suspect) || (held.complete && !incoming.complete);
  if (incoming.doubt !== undefined && isDoubted) return `${incoming.doubt}; ${kept}`;
  if (held.complete && !incoming.complete) return `part of it had expired; ${kept}`;
  if (incoming.suspect && !held.suspect) return `${suspicion(incoming, held)}; ${kept}`;
  if (held.settled && !incoming.settled) return `more could still arrive; ${kept}`;
  return `it is no newer; ${kept}`;
}

function suspicion(incoming: Copy, held: Copy): string {
  if (incoming.rowCount === 0) return `it is empty where ${held.rowCount} rows are held`;
  if (!isBelowHalf(incoming, held)) return 'it is suspect';
  return `its main sum ${incoming.mainSum} is below half of ${held.mainSum}`;
}
