import type { Socket } from 'node:net';
import pg from 'pg';
import type { ConnectionParts } from './connection-parts.ts';
import { endClient, openClient } from './open-client.ts';

/** After a stop was asked for: how long a server that is asked something may say nothing. */
const SILENT_MS = 3000;
/** How long a server may take to show that it is there at all. */
const PROBE_MS = 2000;
/** Longest silence, of a server that is there. */
const MAX_SILENT_MS = 20_000;
const LOOK_MS = 250;

interface WatchedClient {
  readonly client: pg.Client;
  readonly parts: ConnectionParts;
  /** Whether the server owes an answer. */
  readonly isWaiting: () => boolean;
}

/**
 * Once `signal` asks to stop, ends the connection when its server neither answers nor lets anybody
 * else in: what winds up must not wait for ever. One that works on a long statement is waited for.
 */
export function endWhenSilent(watched: WatchedClient, signal: AbortSignal | undefined): void {
  if (signal === undefined) return;
  const watch = () => void watchSilence(watched);
  if (signal.aborted) watch();
  else signal.addEventListener('abort', watch, { once: true });
  watched.client.once('end', () => signal.removeEventListener('abort', watch));
}

async function watchSilence({ client, parts, isWaiting }: WatchedClient): Promise<void> {
  let heard = bytesOf(client);
  let silentMs = 0;
  let isThere = false;
  let hasEnded = false;
  client.once('end', () => {
    hasEnded = true;
  });
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
    if (hasEnded) return;
    const now = bytesOf(client);
    silentMs = isWaiting() && now === heard ? silentMs + LOOK_MS : 0;
    heard = now;
    if (silentMs < SILENT_MS) continue;
    isThere ||= await answers(parts);
    if (!isThere || silentMs > MAX_SILENT_MS) break;
  }
  client.connection.stream.destroy(
    new Error('it does not answer, and this program was told to stop'),
  );
}

function bytesOf({ connection }: pg.Client): number {
  const { bytesRead, bytesWritten } = connection.stream as Socket;
  return bytesRead + bytesWritten;
}

/** Whether a server answers a new connection, if only by turning it away. */
async function answers(parts: ConnectionParts): Promise<boolean> {
  try {
    const probe = AbortSignal.timeout(PROBE_MS);
    const { client } = await openClient(parts, { signal: probe });
    await endClient(client);
    return true;
  } catch (error) {
    return error instanceof Error && error.cause instanceof pg.DatabaseError;
  }
}
