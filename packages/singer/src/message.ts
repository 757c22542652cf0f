import type { RecordFault } from './record-fault.ts';

/** JSON schema of a stream's records, as it stands in a SCHEMA message. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface SchemaMessage {
  readonly type: 'SCHEMA';
  readonly stream: string;
  readonly schema: JsonSchema;
  readonly key_properties: readonly string[];
  readonly bookmark_properties?: readonly string[];
}

export interface RecordMessage {
  readonly type: 'RECORD';
  readonly stream: string;
  /** Numbers beyond double precision are `ExactNumber`s. */
  readonly record: Readonly<Record<string, unknown>>;
  readonly version?: number;
  /** ISO 8601. */
  readonly time_extracted?: string;
  /** Absent where nothing is wrong with the line itself. */
  readonly fault?: RecordFault;
}

export interface StateMessage {
  readonly type: 'STATE';
  readonly value: unknown;
}

export interface BatchMessage {
  readonly type: 'BATCH';
  readonly stream: string;
  readonly encoding: { readonly format: string; readonly compression?: string | null };
  /** URLs of the files, `file://` for local ones. */
  readonly manifest: readonly string[];
}

export interface ActivateVersionMessage {
  readonly type: 'ACTIVATE_VERSION';
  readonly stream: string;
  readonly version: number;
}

export type Message =
  | SchemaMessage
  | RecordMessage
  | StateMessage
  | BatchMessage
  | ActivateVersionMessage;

/** A message of a type that this package does not know; strangers' additions are left alone. */
export interface UnknownMessage {
  readonly type: 'UNKNOWN';
  readonly name: string;
}
