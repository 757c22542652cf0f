import { quoteLiteral } from './identifiers.ts';
import type { ConnectionSettings } from './connection-settings.ts';

/** What sets a session up. */
interface Session {
  execute(sql: string): Promise<unknown>;
}

/** What a session is to be like, whatever server and role are set to. */
export async function setUpSession(session: Session, settings: ConnectionSettings): Promise<void> {
  const { statementTimeoutMs, lockTimeoutMs } = settings;
  const values = {
    TimeZone: 'UTC',
    DateStyle: 'ISO, YMD',
    IntervalStyle: 'postgres',
    // A process that stands still must not hold what others wait for. COPY does not count as idle.
    idle_in_transaction_session_timeout: '10s',
    ...(statementTimeoutMs === undefined ? {} : { statement_timeout: `${statementTimeoutMs}ms` }),
    ...(lockTimeoutMs === undefined ? {} : { lock_timeout: `${lockTimeoutMs}ms` }),
  };
  const statements = Object.entries(values).map(
    ([name, value]) => `SET ${name} = ${quoteLiteral(value)}`,
  );
  await session.execute(statements.join('; '));
  // Lets the server notice a client that was killed while a statement runs; not on every platform.
  await session.execute("SET client_connection_check_interval = '2s'").catch(() => {});
}
