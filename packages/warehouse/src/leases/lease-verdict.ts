/** A lease row as another process finds it. */
export interface SeenLease {
  readonly epoch: string;
  /** The run that committed last. */
  readonly run_id: string | null;
  /** Wall time of the last sign of life; undefined once the lease was given back. */
  readonly heartbeatMs: number | undefined;
  /** Undefined where the session is a pooler's. */
  readonly backendPid: number | undefined;
  /** Who it is, where that is not a database session. */
  readonly holderName?: string;
  /** Whether the holder's database session, or its process, still exists. */
  readonly isBackendAlive: boolean;
}

/** What to do about it. */
export type LeaseVerdict =
  | { readonly kind: 'free' }
  /** Its holder lives but stands still: its session has to be ended first. */
  | { readonly kind: 'stuck'; readonly pid: number }
  | { readonly kind: 'busy'; readonly holder: string };

/**
 * A lease is free when nobody has it, when it was given back, or when its holder's session is gone;
 * stuck when the session lives and the heartbeat is old; busy otherwise. Where no session can tell,
 * the heartbeat does, and the epoch fences off whoever wakes up after all.
 */
export function judgeLease(
  lease: SeenLease | undefined,
  {
    nowMs,
    staleAfterMs,
    ownEpoch,
  }: {
    readonly nowMs: number;
    readonly staleAfterMs: number;
    /** The epoch that this process held over a connection that it has lost. */
    readonly ownEpoch: string | undefined;
  },
): LeaseVerdict {
  if (lease?.heartbeatMs === undefined || !lease.isBackendAlive) return { kind: 'free' };
  // The server has not noticed yet that the connection is gone.
  const isOwn = lease.epoch === ownEpoch;
  const { backendPid: pid } = lease;
  if (isOwn || nowMs - lease.heartbeatMs > staleAfterMs)
    return pid === undefined ? { kind: 'free' } : { kind: 'stuck', pid };
  const last = lease.run_id === null ? '' : `, last committed run ${lease.run_id}`;
  const session =
    pid === undefined ? 'through a connection pooler' : `with database session ${pid}`;
  const holder = lease.holderName ?? `a run ${session}`;
  return { kind: 'busy', holder: `${holder}${last}` };
}
