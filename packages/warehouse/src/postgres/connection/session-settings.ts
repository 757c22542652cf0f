import type { ConnectionParts } from './connection-parts.ts';
import type { ConnectionSettings } from './connection-settings.ts';
import { quoteLiteral } from './identifiers.ts';
import { LOCK_TRY_MS } from './lock-watch.ts';

/**
 * Statements that make a session what it has to be, whatever server and role are set to: for good,
 * or for one transaction where it is a pooler's and others come after us.
 */
export function sessionSettings(
  settings: ConnectionSettings,
  { options = '' }: Pick<ConnectionParts, 'options'>,
  scope: 'SET' | 'SET LOCAL',
): string {
  const { statementTimeoutMs, lockTimeoutMs } = settings;
  const values = {
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    // A process that stands still must not hold what others wait for. COPY does not count as idle.
    idle_in_transaction_session_timeout: '10s',
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: `${statementTimeoutMs}ms` }),
    // What waits for a lock holds up all who come after it, so it makes way now and then.
    ...(/\block_timeout\b/.test(options)
      ? {}
      : { lock_timeout: `${Math.min(lockTimeoutMs || LOCK_TRY_MS, LOCK_TRY_MS)}ms` }),
  };
  return Object.entries(values)
    .map(([name, value]) => `${scope} ${name} = ${quoteLiteral(value)}`)
    .join('; ');
}
