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
    invalid_settings: EXIT.configuration,
    malformed_input: EXIT.configuration,
    stream_config: EXIT.configuration,
    state_format: EXIT.configuration,
    state: EXIT.configuration,
    warehouse_setting: EXIT.configuration,
    definition_changed: EXIT.configuration,
    grantee: EXIT.configuration,
    zone_changed: EXIT.configuration,

    embedded_postgres_failed: EXIT.warehouse,
    expiring_data: EXIT.warehouse,
    lease_lost: EXIT.warehouse,
    lease_missing: EXIT.warehouse,
    name_taken: EXIT.warehouse,
    output_closed: EXIT.warehouse,
    output_stalled: EXIT.warehouse,
    stale_run: EXIT.warehouse,
    stream_table: EXIT.warehouse,
    warehouse_behind: EXIT.warehouse,
    warehouse_connection: EXIT.warehouse,
    warehouse_newer: EXIT.warehouse,
    account_change: EXIT.configuration,
    warehouse_statement: EXIT.warehouse,

    archive: EXIT.slicesFailed,
    bundle_answer: EXIT.slicesFailed,
    other_window: EXIT.slicesFailed,
    result_format: EXIT.slicesFailed,
    result_refused: EXIT.slicesFailed,
    data_refused: EXIT.slicesFailed,
    dead_letter_limit: EXIT.slicesFailed,
    line_too_long: EXIT.slicesFailed,
    malformed_message: EXIT.slicesFailed,
    message_order: EXIT.slicesFailed,
    record: EXIT.slicesFailed,
    slice: EXIT.slicesFailed,
    stream_schema: EXIT.slicesFailed,

    lease_busy: EXIT.busy,

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
