import type { ErrorCode } from '@traffic-events/client';

import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';

/** An error that knows itself how the program ends. */
export abstract class OutcomeError extends Error {
  abstract readonly exitCode: ExitCode;
}

/** Of the client: what it says is about the service, unless it is about what it was told. */
const CLIENT_CODES: Readonly<Record<ErrorCode, ExitCode>> = {
  access_denied: EXIT.service,
  capacity: EXIT.service,
  clock_skew: EXIT.service,
  configuration: EXIT.configuration,
  connection: EXIT.service,
  create_outcome_unknown: EXIT.service,
  credentials_refused: EXIT.credentials,
  csv_cell: EXIT.slicesFailed,
  csv_format: EXIT.slicesFailed,
  disk: EXIT.slicesFailed,
  download_failed: EXIT.service,
  download_too_large: EXIT.slicesFailed,
  execution_denied: EXIT.service,
  execution_deadline: EXIT.service,
  execution_not_found: EXIT.service,
  list_unavailable: EXIT.service,
  request_refused: EXIT.service,
  response_malformed: EXIT.service,
  service_unavailable: EXIT.service,
  sql_refused: EXIT.service,
};

/** By the `code` that every error of the project carries. What has none of these is a fault. */
const CODES: ReadonlyMap<string, ExitCode> = new Map(
  Object.entries<ExitCode>({
    ...CLIENT_CODES,
    query_failed: EXIT.service,

    config_invalid: EXIT.configuration,
    simulator_settings: EXIT.configuration,
    INVALID_SETTINGS: EXIT.configuration,
    MALFORMED_INPUT: EXIT.configuration,
    stream_config: EXIT.configuration,
    state_format: EXIT.configuration,
    STATE: EXIT.configuration,
    definition_changed: EXIT.configuration,
    GRANTEE: EXIT.configuration,
    ZONE_CHANGED: EXIT.configuration,

    EMBEDDED_POSTGRES_FAILED: EXIT.warehouse,
    EXPIRING_DATA: EXIT.warehouse,
    LEASE_LOST: EXIT.warehouse,
    LEASE_MISSING: EXIT.warehouse,
    OUTPUT_CLOSED: EXIT.warehouse,
    STALE_RUN: EXIT.warehouse,
    WAREHOUSE_BEHIND: EXIT.warehouse,
    WAREHOUSE_CONNECTION: EXIT.warehouse,
    WAREHOUSE_STATEMENT: EXIT.warehouse,

    archive: EXIT.slicesFailed,
    other_window: EXIT.slicesFailed,
    result_format: EXIT.slicesFailed,
    result_refused: EXIT.slicesFailed,
    DATA_REFUSED: EXIT.slicesFailed,
    DEAD_LETTER_LIMIT: EXIT.slicesFailed,
    LINE_TOO_LONG: EXIT.slicesFailed,
    MALFORMED_MESSAGE: EXIT.slicesFailed,
    MESSAGE_ORDER: EXIT.slicesFailed,
    RECORD: EXIT.slicesFailed,
    SLICE: EXIT.slicesFailed,
    STREAM_SCHEMA: EXIT.slicesFailed,

    LEASE_BUSY: EXIT.busy,

    // A file or folder that the configuration names.
    EACCES: EXIT.configuration,
    EISDIR: EXIT.configuration,
    ENOENT: EXIT.configuration,
    ENOTDIR: EXIT.configuration,
    EPERM: EXIT.configuration,
    EROFS: EXIT.configuration,
    // A machine that has no room; another run may have it.
    EDQUOT: EXIT.slicesFailed,
    EMFILE: EXIT.slicesFailed,
    ENOSPC: EXIT.slicesFailed,
  }),
);

/** The exit code of an error that ended a program. */
export function exitCodeOfError(error: unknown): ExitCode {
  if (error instanceof OutcomeError) return error.exitCode;
  const code = codeOf(error);
  if (code.startsWith('commander.')) return exitCodeOfCommander(error as CommanderLike);
  return CODES.get(code) ?? EXIT.fault;
}

interface CommanderLike {
  readonly exitCode: number;
}

/** What commander throws for `--help` and `--version`, and for arguments that it does not know. */
function exitCodeOfCommander({ exitCode }: CommanderLike): ExitCode {
  return exitCode === 0 ? EXIT.done : EXIT.configuration;
}

function codeOf(error: unknown): string {
  const hasCode = error instanceof Error && 'code' in error && typeof error.code === 'string';
  return hasCode ? (error.code as string) : '';
}
