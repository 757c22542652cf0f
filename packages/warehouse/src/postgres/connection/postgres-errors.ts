import { cleanText } from '@traffic-events/client';
import pg from 'pg';
import {
  WarehouseConnectionError,
  DataRefusedError,
  StatementError,
  WarehouseError,
} from '../../errors.ts';

/** Where a connection leads, for messages; never the password. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

export function describeEndpoint({ host, port, database }: Endpoint): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `database ${database} on ${name}:${port}`;
}

const UNTRUSTED =
  'its certificate is not signed by an authority that is trusted. Set sslrootcert to the one that it is signed by.';

const ADVICE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there. Start PostgreSQL, or correct host and port.',
  ENOTFOUND: 'the host name is not known. Correct host.',
  EAI_AGAIN: 'the host name could not be looked up. Try again, or correct host.',
  ENOENT: 'there is no such socket. Correct host and port.',
  ENETUNREACH: 'there is no way to that address. Correct host.',
  EHOSTUNREACH: 'there is no way to that address. Correct host.',
  NO_PASSWORD: 'it asks for a password. Set password.',
  ETIMEDOUT:
    'it does not answer. See that the host is up and that a firewall lets this machine in.',
  '28P01': 'the password was refused. Correct user and password.',
  '28000': 'the user was refused. Correct user, or have it let in by pg_hba.conf.',
  '3D000': 'there is no such database. Create it, or correct database.',
  '53300': 'it has too many connections. Try again later, or raise max_connections.',
  NO_TLS: 'it does not speak TLS. Set ssl in postgresql.conf, or sslmode to disable.',
  DEPTH_ZERO_SELF_SIGNED_CERT: UNTRUSTED,
  SELF_SIGNED_CERT_IN_CHAIN: UNTRUSTED,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNTRUSTED,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNTRUSTED,
  ERR_TLS_CERT_ALTNAME_INVALID:
    'its certificate is for another host name. Correct host, or set sslmode to verify-ca.',
  '57P03': 'it is still starting up. Try again.',
};

/** That a server asks for a password and there is none, as the driver tells it. */
export const NO_PASSWORD = 'client password must be a string';

/** What the driver tells in words only. */
const TOLD: readonly (readonly [RegExp, string])[] = [
  [/does not support SSL/, 'NO_TLS'],
  [/^timeout expired$/, 'ETIMEDOUT'],
  [new RegExp(NO_PASSWORD), 'NO_PASSWORD'],
];

/** Whether a server may be reached with TLS where it was tried without it, or the reverse. */
export function isAboutTls(error: unknown): boolean {
  return ['NO_TLS', '28000'].includes(connectCodeOf(error) ?? '');
}

/** Whether another server of the same database may do. */
export function isAboutHost({ action, cause }: WarehouseConnectionError): boolean {
  return action === 'retriable' || /^E(?!RR_)/.test(codeOf(cause) ?? '');
}

function connectCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  return TOLD.find(([words]) => words.test(error.message))?.[1] ?? codeOf(error);
}

/** Why no connection came about. */
export function connectFailure(error: unknown, endpoint: Endpoint): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const code = connectCodeOf(error);
  const advice = (code !== undefined && ADVICE[code]) || `${messageOf(error)}.`;
  return new WarehouseConnectionError(
    `Cannot connect to ${describeEndpoint(endpoint)} as ${endpoint.user}: ${advice}`,
    { action: isPassing(code) ? 'retriable' : 'fatal', cause: error },
  );
}

/** SQLSTATE classes and codes after which the same statement may well succeed. */
const PASSING = /^(?:08|40|53|57P)|^55P03$|^ECONN|^EPIPE$|^ETIMEDOUT$|^EAI_AGAIN$/;

function isPassing(code: string | undefined): boolean {
  return code !== undefined && PASSING.test(code);
}

/** An error that a connection ended with. */
export function connectionLoss(error: unknown, endpoint: Endpoint): WarehouseConnectionError {
  return new WarehouseConnectionError(
    `Lost the connection to ${describeEndpoint(endpoint)}: ${messageOf(error)}. Run again: nothing half-done was committed.`,
    { action: 'retriable', cause: error },
  );
}

/** An error of `pg` as one of ours; ours are left as they are. */
export function statementFailure(
  error: unknown,
  endpoint: Endpoint,
  blockers?: string,
): WarehouseError {
  if (error instanceof WarehouseError) return error;
  const code = codeOf(error);
  if (!(error instanceof pg.DatabaseError) || isConnectionLoss(code)) {
    return connectionLoss(error, endpoint);
  }
  if (code !== undefined && DATA_FAULT.test(code)) return dataFailure(error);
  const detail = error.detail === undefined ? '' : ` (${error.detail})`;
  const where = error.where === undefined ? '' : ` at ${error.where.split('\n')[0]}`;
  return new StatementError(
    `PostgreSQL refused a statement in ${describeEndpoint(endpoint)}: ${error.message}${detail}${where}${heldBy(code, blockers)}`,
    { action: isPassing(code) ? 'retriable' : 'fatal', sqlState: code, cause: error },
  );
}

/** SQLSTATE of a lock that was not to be had in time. */
export const LOCK_NOT_AVAILABLE = '55P03';

function heldBy(code: string | undefined, blockers: string | undefined): string {
  if (code !== LOCK_NOT_AVAILABLE) return '';
  return `. In its way is ${blockers ?? 'another session'}: let it finish, or end it.`;
}

/** Data exception, integrity or check violation, program limit exceeded, raised by a trigger. */
const DATA_FAULT = /^(?:22|23|44|54|P0)/;
/** Where a COPY was: every row is a line of what it is sent. */
const COPY_PLACE = /^COPY .*?, line (\d+)(?:, column ([^:]+))?(?:: ([^]*))?$/;
/** Keys that are too long for their index. */
const INDEX_ROW = /^index row (?:size|requires) /;
const MAX_SHOWN = 200;

function dataFailure(error: pg.DatabaseError): DataRefusedError {
  const [, row, column, value = ''] = COPY_PLACE.exec(error.where ?? '') ?? [];
  const where = column === undefined ? 'a row' : `column ${column}: ${cleanText(value, MAX_SHOWN)}`;
  const problem = [error.message, error.detail ?? ''].map((text) => cleanText(text, MAX_SHOWN));
  return new DataRefusedError(
    `PostgreSQL cannot take ${where} (${problem.filter(Boolean).join('; ')})`,
    {
      row: row === undefined ? undefined : Number(row),
      column: column ?? error.column,
      isOfKey: INDEX_ROW.test(error.message),
      cause: error,
    },
  );
}

function isConnectionLoss(code: string | undefined): boolean {
  return code !== undefined && /^08|^57P0[1-5]$|^25P0[34]$/.test(code);
}

function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error
    ? String(error.code)
    : undefined;
}

function messageOf(error: unknown): string {
  return error instanceof Error && error.message !== '' ? error.message : String(codeOf(error));
}
