import { checkServerIdentity } from 'node:tls';
import { systemClock } from '@traffic-events/client';
import type { PeerCertificate } from 'node:tls';
import pg from 'pg';
import { WarehouseConnectionError } from '../../errors.ts';
import { guardAuthentication } from './authentication.ts';
import type { ConnectionParts, Host } from './connection-parts.ts';
import { passwordFor } from './pass-file.ts';
import {
  NO_PASSWORD,
  connectFailure,
  describeEndpoint,
  isAboutHost,
  isAboutTls,
} from './postgres-errors.ts';
import type { Endpoint } from './postgres-errors.ts';
import { introduce, isSuited } from './server-facts.ts';
import type { ServerFacts } from './server-facts.ts';
import { tlsAttempts } from './tls.ts';
import type { TlsAttempt } from './tls.ts';
import { typeParsers } from './type-parsers.ts';

export interface OpenOptions {
  /** As which it shows among the sessions of the server, unless the parts say otherwise. */
  readonly applicationName?: string;
  /** Gives up at once when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** A connection that is made, and what it leads to. */
export interface OpenClient {
  readonly client: pg.Client;
  readonly endpoint: Endpoint;
  readonly server: ServerFacts;
}

/** How long a server may take to take leave. */
const LEAVE_MS = 1000;

/** Connects to the first host that answers and is what was asked for. */
export async function openClient(
  parts: ConnectionParts,
  options: OpenOptions,
): Promise<OpenClient> {
  const failures: WarehouseConnectionError[] = [];
  const kinds = parts.sessionKind === 'prefer-standby' ? ['standby', 'any'] : [parts.sessionKind];
  for (const sessionKind of kinds as ConnectionParts['sessionKind'][]) {
    for (const host of ordered(parts)) {
      try {
        return await openAt(host, { ...parts, sessionKind }, options);
      } catch (error) {
        if (!(error instanceof WarehouseConnectionError) || !isAboutHost(error)) throw error;
        failures.push(error);
      }
    }
  }
  throw failures.length === 1 ? failures[0] : noneOf(failures);
}

/** Ends a connection, also one whose server says nothing any more. */
export async function endClient(client: pg.Client): Promise<void> {
  const leaving = new AbortController();
  const patience = systemClock.sleep(LEAVE_MS, leaving.signal).catch(() => {});
  await Promise.race([client.end().catch(() => {}), patience]);
  leaving.abort();
  client.connection.stream.destroy();
}

function ordered({ hosts, isBalanced }: ConnectionParts): readonly Host[] {
  if (!isBalanced) return hosts;
  return hosts
    .map((host) => ({ host, place: Math.random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ host }) => host);
}

function noneOf(failures: readonly WarehouseConnectionError[]): WarehouseConnectionError {
  const reasons = failures.map(({ message }) => message).join('\n');
  return new WarehouseConnectionError(`None of ${failures.length} hosts will do.\n${reasons}`, {
    action: failures.some(({ action }) => action === 'retriable') ? 'retriable' : 'fatal',
    cause: failures[0],
  });
}

async function openAt(
  host: Host,
  parts: ConnectionParts,
  options: OpenOptions,
): Promise<OpenClient> {
  const isSocket = host.name.startsWith('/');
  const attempts = isSocket ? [false as const] : await tlsAttempts(parts.tls);
  for (const [index, ssl] of attempts.entries()) {
    const client = makeClient(parts, {
      host,
      ssl,
      applicationName: options.applicationName ?? 'traffic-events',
    });
    const endpoint = { host: host.name, port: host.port, ...placeOf(parts) };
    try {
      const server = await connect(client, endpoint, options.signal);
      refuseUnsuited(parts, server, endpoint);
      return { client, endpoint, server };
    } catch (error) {
      await endClient(client);
      const isLast = index + 1 === attempts.length;
      if (isLast || !isAboutTls(error)) throw connectFailure(error, endpoint);
    }
  }
  throw new TypeError('there is always a way to connect');
}

function placeOf({ database, user }: ConnectionParts) {
  return { database, user };
}

async function connect(
  client: pg.Client,
  endpoint: Endpoint,
  signal: AbortSignal | undefined,
): Promise<ServerFacts> {
  const stop = () => {
    client.connection.stream.destroy(
      new WarehouseConnectionError(
        `Stopped before ${describeEndpoint(endpoint)} had answered. Nothing was loaded.`,
        { action: 'fatal' },
      ),
    );
  };
  signal?.addEventListener('abort', stop);
  try {
    const connected = client.connect();
    if (signal?.aborted === true) stop();
    await connected;
    return await introduce(client, endpoint);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

function refuseUnsuited(
  { sessionKind }: ConnectionParts,
  server: ServerFacts,
  endpoint: Endpoint,
): void {
  if (isSuited(server, sessionKind)) return;
  throw new WarehouseConnectionError(
    `Cannot use ${describeEndpoint(endpoint)}: target_session_attrs=${sessionKind}, which it is not.`,
    { action: 'retriable' },
  );
}

interface Way {
  readonly host: Host;
  readonly ssl: TlsAttempt;
  readonly applicationName: string;
}

function makeClient(parts: ConnectionParts, { host, ssl, applicationName }: Way): pg.Client {
  const { user, database, channelBinding, connectTimeoutMs, keepAlive } = parts;
  const client = new pg.Client({
    host: host.address ?? host.name,
    port: host.port,
    user,
    database,
    password: async () => (await passwordFor(parts, host)) ?? refuseWithout(),
    ssl: ssl === false ? ssl : { ...ssl, ...(host.address === undefined ? {} : named(host, ssl)) },
    sslnegotiation: parts.tls.isDirect && ssl !== false ? 'direct' : 'postgres',
    enableChannelBinding: ssl !== false && channelBinding !== 'disable',
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: keepAlive.isOn,
    keepAliveInitialDelayMillis: keepAlive.idleMs,
    ...(parts.options === undefined ? {} : { options: parts.options }),
    application_name: parts.applicationName ?? applicationName,
    types: typeParsers(),
  });
  // What ends it is thrown where somebody waits for it.
  client.on('error', () => {});
  guardAuthentication(client, parts);
  return client;
}

function refuseWithout(): never {
  throw new Error(NO_PASSWORD);
}

/** The name that a certificate has to have where the connection goes to an address. */
function named({ name }: Host, { checkServerIdentity: check }: Exclude<TlsAttempt, false>) {
  return {
    servername: name,
    checkServerIdentity:
      check ??
      ((_: string, certificate: PeerCertificate) => checkServerIdentity(name, certificate)),
  };
}
