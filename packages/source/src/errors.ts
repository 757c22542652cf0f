import { TrafficEventsError } from '@traffic-events/client';
import type { ErrorAction } from '@traffic-events/client';
import type { RefusedOutcome } from '@traffic-events/slice';

/** Base of the errors of this package. */
export abstract class SourceError extends Error {
  abstract readonly code: string;
  abstract readonly action: ErrorAction;
}

/** Streams, dates or queries that cannot be run as configured. Ends with exit code 2. */
export class StreamConfigError extends SourceError {
  override readonly name = 'StreamConfigError';
  readonly code = 'stream_config';
  readonly action = 'fatal';
}

/** A state value that is not one of this project's. Ends with exit code 2. */
export class StateFormatError extends SourceError {
  override readonly name = 'StateFormatError';
  readonly code = 'state_format';
  readonly action = 'fatal';
}

/** The definition of a stream is not the one that the state belongs to. Ends with exit code 2. */
export class DefinitionChangedError extends SourceError {
  override readonly name = 'DefinitionChangedError';
  readonly code = 'definition_changed';
  readonly action = 'fatal';
}

/** A result that is not what its stream's definition promises. */
export class ResultFormatError extends SourceError {
  override readonly name = 'ResultFormatError';
  readonly code = 'result_format';
  readonly action = 'retriable';
}

/** An answer to several streams whose rows cannot be told apart for certain. */
export class BundleAnswerError extends SourceError {
  override readonly name = 'BundleAnswerError';
  readonly code = 'bundle_answer';
  readonly action = 'retriable';

  constructor(doubts: readonly string[]) {
    super(`the answer cannot be split: ${doubts.join('; ')}; its streams are asked for one by one`);
  }
}

/** An execution over other instants than were asked for: its rows belong to another date. */
export class OtherWindowError extends SourceError {
  override readonly name = 'OtherWindowError';
  readonly code = 'other_window';
  readonly action = 'skippable';
}

/** A raw result in the archive that is not what was put there. */
export class ArchiveError extends SourceError {
  override readonly name = 'ArchiveError';
  readonly code = 'archive';
  readonly action = 'fatal';
}

/** A result that the warehouse cannot take. The message says which value, as far as is known. */
export class ResultRefusedError extends SourceError {
  override readonly name = 'ResultRefusedError';
  readonly code = 'result_refused';
  readonly action = 'retriable';
  readonly #refusal: RefusedOutcome;

  constructor(refusal: RefusedOutcome, place?: string) {
    super(place === undefined ? refusal.reason : `${place}: ${refusal.reason}`);
    this.#refusal = refusal;
  }

  /** Row of the result, from 1; undefined where it is not known. */
  get row(): number | undefined {
    return this.#refusal.row;
  }

  /** The same with the place of its row. */
  at(place: string): ResultRefusedError {
    return new ResultRefusedError(this.#refusal, place);
  }
}

/** What says something about one result, and nothing about the others. */
export function isOfOneResult(error: unknown): error is SourceError | TrafficEventsError {
  return error instanceof SourceError || error instanceof TrafficEventsError;
}
