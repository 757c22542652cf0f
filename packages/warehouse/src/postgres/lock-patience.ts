import { silentLogger, systemClock } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import { StatementError } from '../errors.ts';
import { LOCK_NOT_AVAILABLE } from './connection/postgres-errors.ts';

interface LockPatience {
  /** How long to try for a lock; 5 minutes unless given, 0 for ever. */
  readonly lockTimeoutMs?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly signal?: AbortSignal | undefined;
}

const DEFAULT_LOCK_TIMEOUT_MS = 300_000;
const PAUSE_MS = 500;

/**
 * Runs `work` again while what it needs is locked by others, who then are named in the log. Each try
 * waits a short time only, so that nobody queues behind it.
 */
export async function withLockPatience<T>(
  work: () => Promise<T>,
  { lockTimeoutMs = DEFAULT_LOCK_TIMEOUT_MS, logger = silentLogger, signal }: LockPatience,
): Promise<T> {
  const deadlineMs = lockTimeoutMs === 0 ? Infinity : systemClock.now() + lockTimeoutMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      const isLocked = error instanceof StatementError && error.sqlState === LOCK_NOT_AVAILABLE;
      if (!isLocked || signal?.aborted === true || systemClock.now() >= deadlineMs) throw error;
      if (isPowerOfTwo(tries)) logger.warn({ tries, reason: error.message }, 'warehouse.locked');
      await systemClock.sleep(PAUSE_MS, signal).catch(() => {});
    }
  }
}

/** Said ever more seldom. */
function isPowerOfTwo(number: number): boolean {
  return (number & (number - 1)) === 0;
}
