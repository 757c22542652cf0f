import type { ConnectionParts } from './connection-parts.ts';
import { endClient, openClient } from './open-client.ts';

/** How long a statement may wait for a lock before it is given up, to be tried again. */
export const LOCK_TRY_MS = 3000;
/** How long it may take before somebody looks what it waits for. */
const ASK_AFTER_MS = 1500;
const CONNECT_MS = 1000;

/** pg_stat_activity hides most of what others do from roles without pg_read_all_stats. */
const BLOCKERS = `
  SELECT pid, usename, application_name, state,
         date_trunc('second', clock_timestamp() - xact_start)::text AS age
    FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids($1)) ORDER BY xact_start`;

interface Blocker {
  readonly pid: number;
  readonly usename: string | null;
  readonly application_name: string | null;
  readonly state: string | null;
  readonly age: string | null;
}

/** Looks, over a connection of its own, whom a statement that takes long waits for. */
export class LockWatch {
  readonly #parts: ConnectionParts;
  #blockers: string | undefined;

  constructor(parts: ConnectionParts) {
    this.#parts = { ...parts, connectTimeoutMs: CONNECT_MS };
  }

  /** Who was in the way of the statement that began last; undefined where nobody was seen. */
  get blockers(): string | undefined {
    return this.#blockers;
  }

  /** To be called as a statement begins; the answer is to be called when it has ended. */
  begin(pid: number): () => void {
    this.#blockers = undefined;
    const timer = setTimeout(() => void this.#ask(pid), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }

  async #ask(pid: number): Promise<void> {
    try {
      const { client } = await openClient(this.#parts, { applicationName: 'traffic-events locks' });
      const { rows } = await client.query<Blocker>(BLOCKERS, [pid]);
      this.#blockers = rows.length === 0 ? undefined : rows.map(described).join(' and ');
      await endClient(client);
    } catch {
      // The statement says itself what becomes of it.
    }
  }
}

function described({ pid, usename, application_name, state, age }: Blocker): string {
  const known = [
    usename === null ? '' : `user ${usename}`,
    application_name ?? '',
    state === null ? '' : `${state}${age === null ? '' : ` for ${age}`}`,
  ];
  return `session ${pid} (${known.filter(Boolean).join(', ')})`;
}
