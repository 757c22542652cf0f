import { cleanText } from '@traffic-events/client';
import type { ErrorAction } from '@traffic-events/client';
import { heldAccountId, parseAccountId } from '@traffic-events/slice';

interface WarehouseErrorOptions {
  readonly code: string;
  readonly action: ErrorAction;
  readonly cause?: unknown;
}

/** Base of all errors of this package. `code` is stable. */
export class WarehouseError extends Error {
  override readonly name: string = 'WarehouseError';
  readonly code: string;
  readonly action: ErrorAction;

  constructor(message: string, options: WarehouseErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.action = options.action;
  }
}

/** The warehouse cannot be reached, or does not let us in. */
export class WarehouseConnectionError extends WarehouseError {
  override readonly name = 'WarehouseConnectionError';
  constructor(message: string, options: { action: ErrorAction; cause?: unknown }) {
    super(message, { code: 'warehouse_connection', ...options });
  }
}

/** What a connection was told is wrong, contradicts itself, or is not to be had. */
export class ConnectionSettingError extends WarehouseError {
  override readonly name = 'ConnectionSettingError';
  constructor(problem: string, cause?: unknown) {
    super(problem, { code: 'warehouse_setting', action: 'fatal', cause });
  }
}

/** A warehouse that a later version of the program has changed: this one does not know how. */
export class NewerWarehouseError extends WarehouseError {
  override readonly name = 'NewerWarehouseError';
  constructor(found: number, known: number) {
    super(
      `The warehouse was written to by a newer version: its tables are of step ${found}, and this version knows ${known}. Nothing was written. Run that version or a later one.`,
      { code: 'warehouse_newer', action: 'fatal' },
    );
  }
}

/** Somebody's table has the name of one that the loader keeps for itself. */
export class TakenNameError extends WarehouseError {
  override readonly name = 'TakenNameError';
  constructor(place: string, problem: string) {
    super(
      `${place} has a table of somebody's where the loader keeps one of its own: ${problem}. Nothing of it was changed. Rename it, or load results into another place.`,
      { code: 'name_taken', action: 'fatal' },
    );
  }
}

/** What somebody wants of an account that cannot be. */
export class AccountChangeError extends WarehouseError {
  override readonly name = 'AccountChangeError';
  constructor(accountId: string, problem: string) {
    super(`Account ${accountId} cannot be renamed: ${problem}. Nothing was changed.`, {
      code: 'account_change',
      action: 'fatal',
    });
  }
}

/** A statement that the warehouse refused. */
export class StatementError extends WarehouseError {
  override readonly name = 'StatementError';
  /** The warehouse's own code, SQLSTATE for PostgreSQL. */
  readonly sqlState: string | undefined;
  constructor(
    message: string,
    options: { action: ErrorAction; sqlState?: string | undefined; cause?: unknown },
  ) {
    super(message, { code: 'warehouse_statement', ...options });
    this.sqlState = options.sqlState;
  }
}

interface RefusedData {
  /** Column at fault, where it is known. */
  readonly column?: string | undefined;
  /** Whether the key is at fault, whatever its columns are called. */
  readonly isOfKey?: boolean | undefined;
  /** Row of what was sent, from 1; undefined where it is not known. */
  readonly row?: number | undefined;
  readonly cause?: unknown;
}

/** Data that the warehouse cannot take: it is at fault itself, and what comes behind it is not. */
export class DataRefusedError extends WarehouseError {
  override readonly name = 'DataRefusedError';
  readonly row: number | undefined;
  readonly column: string | undefined;
  readonly isOfKey: boolean;
  constructor(problem: string, { row, column, isOfKey = false, cause }: RefusedData = {}) {
    super(cleanText(problem), { code: 'data_refused', action: 'skippable', cause });
    this.row = row;
    this.column = column;
    this.isOfKey = isOfKey;
  }
}

/** A stream whose schema cannot become a table, or no longer fits the one it has. */
export class StreamSchemaError extends WarehouseError {
  override readonly name = 'StreamSchemaError';
  readonly stream: string;
  constructor(stream: string, problem: string) {
    super(`Stream ${stream}: ${problem}`, { code: 'stream_schema', action: 'fatal' });
    this.stream = stream;
  }
}

/** That rows which are held cannot be told by the key that a stream has now. */
export function keyViolated(
  { stream, table }: { readonly stream: string; readonly table: string },
  keys: readonly string[],
  detail: string,
): StreamSchemaError {
  return new StreamSchemaError(
    stream,
    `its key is now ${keys.join(', ')}, but table ${table} has rows in which it is the same. Nothing was changed; remove them, or load into another table. ${detail}`,
  );
}

/** A stream whose table the warehouse does not let us make, or make fit. */
export class StreamTableError extends WarehouseError {
  override readonly name = 'StreamTableError';
  readonly stream: string;
  constructor(stream: string, refusal: StatementError | DataRefusedError) {
    super(`Stream ${stream}: its table cannot be made ready. ${refusal.message}`, {
      code: 'stream_table',
      action: 'fatal',
      cause: refusal,
    });
    this.stream = stream;
  }
}

/** A statement about the table of a stream that is refused for good says nothing of other streams. */
export function tableFailure(stream: string, error: unknown): unknown {
  if (error instanceof DataRefusedError) return new StreamTableError(stream, error);
  const isOfTable = error instanceof StatementError && error.action === 'fatal';
  return isOfTable ? new StreamTableError(stream, error) : error;
}

interface RecordErrorOptions {
  readonly stream: string;
  /** Property at fault, if it is one. */
  readonly property?: string | undefined;
  /** Key values of the record, for finding it in its source. */
  readonly key?: string | undefined;
  /** Where it stands, instead of a key. */
  readonly place?: string | undefined;
}

/** A record that its stream's schema, or the column that it goes to, does not allow. */
export class RecordError extends WarehouseError {
  override readonly name = 'RecordError';
  readonly stream: string;
  readonly property: string | undefined;
  constructor(problem: string, options: RecordErrorOptions) {
    const record = options.key === undefined ? undefined : `record ${options.key}`;
    const named = options.place ?? record;
    const where = named === undefined ? '' : ` ${named}:`;
    const property = options.property === undefined ? '' : ` property ${options.property}`;
    super(`Stream ${options.stream}:${where}${property} ${problem}`, {
      code: 'record',
      action: 'skippable',
    });
    this.stream = options.stream;
    this.property = options.property;
  }
}

/** Messages in an order that cannot be loaded: a record before its schema, slices mixed. */
export class MessageOrderError extends WarehouseError {
  override readonly name = 'MessageOrderError';
  constructor(message: string) {
    super(message, { code: 'message_order', action: 'fatal' });
  }
}

/** A slice that does not hold what was declared of it. */
export class SliceError extends WarehouseError {
  override readonly name = 'SliceError';
  constructor(slice: string, problem: string) {
    super(`Slice ${slice}: ${problem}`, { code: 'slice', action: 'fatal' });
  }
}

/** Another run is writing to the account. */
export class LeaseBusyError extends WarehouseError {
  override readonly name = 'LeaseBusyError';
  readonly accountId: string;
  constructor(accountId: string, holder: string) {
    super(
      `Account ${accountId} is busy: ${holder} is writing to it. Let it finish, then run again.`,
      { code: 'lease_busy', action: 'fatal' },
    );
    this.accountId = accountId;
  }
}

/** A newer run has taken the account over; nothing of this one may be committed any more. */
export class LeaseLostError extends WarehouseError {
  override readonly name = 'LeaseLostError';
  readonly accountId: string;
  constructor(accountId: string) {
    super(
      `Account ${accountId} was taken over by another run while this one stood still. Nothing of this transaction was committed. Run again.`,
      { code: 'lease_lost', action: 'fatal' },
    );
    this.accountId = accountId;
  }
}

/** A run that began before the one whose data the warehouse has. */
export class StaleRunError extends WarehouseError {
  override readonly name = 'StaleRunError';
  readonly accountId: string;
  constructor(
    accountId: string,
    run: { startedAt: string; committedId: string; committedAt: string },
  ) {
    super(
      `Account ${accountId}: this run began at ${run.startedAt}, before run ${run.committedId} (begun ${run.committedAt}), which has already been loaded. What it carries is out of date. Start a new run.`,
      { code: 'stale_run', action: 'fatal' },
    );
    this.accountId = accountId;
  }
}

/** An account in another time zone than the one that the warehouse holds it in. */
export class ZoneChangedError extends WarehouseError {
  override readonly name = 'ZoneChangedError';
  readonly accountId: string;
  /** The id that the same account is held under. */
  readonly heldAs: string;
  /** Both name one zone: the account may go on under the id that is held. */
  readonly isSameZone: boolean;
  constructor(accountId: string, heldAs: string) {
    const isSameZone = heldAccountId(accountId, [heldAs]) !== undefined;
    const held = `Account ${accountId}: the warehouse holds it as ${heldAs}`;
    super(
      isSameZone
        ? `${held}, which names the same time zone. A second name would make a second account of it, and count its events twice. Set time_zone: ${parseAccountId(heldAs)?.timeZone}, or give the tap the state that was made under it.`
        : `${held}. An account's time zone is chosen for good: its event dates would begin at other instants, and both in the same tables count events twice. Put its former time_zone back, or load into another schema or dataset.`,
      { code: 'zone_changed', action: 'fatal' },
    );
    this.isSameZone = isSameZone;
    this.accountId = accountId;
    this.heldAs = heldAs;
  }
}

/** A state of our tap that no run can have written. */
export class StateError extends WarehouseError {
  override readonly name = 'StateError';
  constructor(fault: string) {
    super(
      `The state cannot be used: ${fault}. Give the tap the last state that this target passed on, or none: what the API still has is then extracted again.`,
      { code: 'state', action: 'fatal' },
    );
  }
}

/** The state claims slices that the warehouse does not have. */
export class WarehouseBehindError extends WarehouseError {
  override readonly name = 'WarehouseBehindError';
  readonly missing: readonly string[];
  constructor(missing: readonly string[]) {
    super(
      `The state given to the tap claims slices that this warehouse does not have: ${missing.join('; ')}. Was the warehouse restored from a backup, or is it another one? Give the tap the state that belongs to it, or none: what the API still has is then extracted again.`,
      { code: 'warehouse_behind', action: 'fatal' },
    );
    this.missing = missing;
  }
}

/** Someone whom the warehouse cannot grant rights to. */
export class GranteeError extends WarehouseError {
  override readonly name = 'GranteeError';
  constructor(who: 'reader' | 'loader', problem: string) {
    super(`${who}: ${problem}`, { code: 'grantee', action: 'fatal' });
  }
}
