import type { Operation } from '../capture/capture.ts';
import type { HttpMethod } from './transport.ts';

/** What every call of one account needs. */
export interface AccountRoute {
  readonly key: string;
  readonly apiUrl: string;
  readonly tokenUrl: string;
  /** Headers that name the account, its marketplace and the client. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface ApiRequest {
  readonly operation: Operation;
  readonly method: HttpMethod;
  /** From the host on, with the query. */
  readonly path: string;
  readonly body?: unknown;
  /** Whether the same request may be sent twice; a create may not. */
  readonly repeatable: boolean;
  /** The execution that it is about, where it is about one. */
  readonly executionId?: string;
  readonly signal?: AbortSignal | undefined;
}

/** A successful answer. */
export interface ApiAnswer {
  readonly json: unknown;
  readonly apiTimeMs: number | null;
  readonly requestId: string | undefined;
  /** Makes a text in it fit to be kept or printed. */
  readonly clean: (text: string, maxLength?: number) => string;
}
