/** What the caller can do about an error: nothing, try again, or leave out the one message. */
export type ErrorAction = 'fatal' | 'retriable' | 'skippable';

interface SingerErrorOptions {
  readonly code: string;
  readonly action: ErrorAction;
  readonly cause?: unknown;
}

/** Base of all errors of this package. `code` is stable. */
export class SingerError extends Error {
  override readonly name: string = 'SingerError';
  readonly code: string;
  readonly action: ErrorAction;

  constructor(message: string, options: SingerErrorOptions) {
    super(message, { cause: options.cause });
    this.code = options.code;
    this.action = options.action;
  }
}

/** A line that is no Singer message. */
export class MalformedMessageError extends SingerError {
  override readonly name = 'MalformedMessageError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed_message', action: 'fatal', cause });
  }
}

/** A line longer than the reader accepts. */
export class LineTooLongError extends SingerError {
  override readonly name = 'LineTooLongError';
  readonly maxLineBytes: number;
  constructor(maxLineBytes: number) {
    super(
      `A message is longer than ${maxLineBytes} bytes. Raise max_line_bytes, or have the tap send smaller records.`,
      { code: 'line_too_long', action: 'fatal' },
    );
    this.maxLineBytes = maxLineBytes;
  }
}

/** Whoever reads the messages has gone away. */
export class OutputClosedError extends SingerError {
  override readonly name = 'OutputClosedError';
  constructor(cause?: unknown) {
    super(
      'The reader of the messages has closed the pipe. See why the target ended, then run again.',
      {
        code: 'output_closed',
        action: 'fatal',
        cause,
      },
    );
  }
}

/** Whoever reads the messages is there and reads nothing, and the program is to end. */
export class OutputStalledError extends SingerError {
  override readonly name = 'OutputStalledError';
  constructor() {
    super(
      'The reader of the messages reads nothing any more. See what the target waits for, then run again.',
      { code: 'output_stalled', action: 'fatal' },
    );
  }
}

/** A setting that is missing, unknown or of the wrong kind. */
export class SettingsError extends SingerError {
  override readonly name = 'SettingsError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'), { code: 'invalid_settings', action: 'fatal' });
    this.problems = problems;
  }
}

/** A catalog, or a state, that is not laid out as Singer programs lay them out. */
export class MalformedInputError extends SingerError {
  override readonly name = 'MalformedInputError';
  constructor(message: string, cause?: unknown) {
    super(message, { code: 'malformed_input', action: 'fatal', cause });
  }
}
