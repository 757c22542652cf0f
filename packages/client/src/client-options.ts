import type { Dispatcher } from 'undici';
import { z } from 'zod';

import type { Clock } from './clock.ts';
import { ConfigurationError } from './errors/configuration-error.ts';
import type { EntityHeader } from './executions/account-headers.ts';
import type { ListEndpoint } from './executions/list-executions.ts';
import type { RetryPolicy } from './http/retry-timing.ts';
import type { Logger } from './logger.ts';

export interface ClientOptions {
  /** Client id of the Login with Amazon security profile. */
  readonly clientId: string;
  readonly clientSecret: string;
  readonly refreshToken: string;
  /** Instead of the host of the account's region. */
  readonly apiUrl?: string | undefined;
  readonly tokenUrl?: string | undefined;
  readonly clock?: Clock | undefined;
  /** The other spelling of the sponsored ads header, should the first be refused. */
  readonly entityHeader?: EntityHeader | undefined;
  /** How a create sends its time window; `nested` unless set. */
  readonly createBody?: 'nested' | 'flat' | undefined;
  /** How a page URL report names its ids; `plural` unless set. */
  readonly pageUrlIds?: 'plural' | 'singular' | undefined;
  /** Tried before the known ones. */
  readonly listEndpoint?: ListEndpoint | undefined;
  /** Active executions per account; 5 unless set, the API's own limit. */
  readonly maxActiveExecutions?: number | undefined;
  /** How long a create waits for a slot, in ms of the clock; six hours unless set. */
  readonly capacityTimeoutMs?: number | undefined;
  /** Longest silence of the API, in real ms; a minute unless set. */
  readonly requestTimeoutMs?: number | undefined;
  /**
   * Longest time of one answer of the API or of Login with Amazon, to its last byte, in real ms; five
   * times `requestTimeoutMs` unless set.
   */
  readonly answerTimeoutMs?: number | undefined;
  readonly retry?: Partial<RetryPolicy> | undefined;
  /** Largest result that is downloaded; 10 GB unless set. */
  readonly maxDownloadBytes?: number | undefined;
  /** Longest time of one download with all its tries, in real ms; two hours unless set. */
  readonly downloadTimeoutMs?: number | undefined;
  /** False sends SQL that is certain to be refused all the same. */
  readonly checkSql?: boolean | undefined;
  /** Folder for redacted request-response pairs. */
  readonly captureDirectory?: string | undefined;
  /** Behind the client's own name in the User-Agent: `my-program/1.2`, printable ASCII. */
  readonly userAgentSuffix?: string | undefined;
  readonly logger?: Logger | undefined;
  /** Instead of connections of our own, which go through HTTPS_PROXY and HTTP_PROXY but for NO_PROXY. */
  readonly dispatcher?: Dispatcher | undefined;
  /** Instead of HTTPS_PROXY and HTTP_PROXY: `http://user:password@host:port`. */
  readonly proxyUrl?: string | undefined;
  /** Hosts that are asked without a proxy, instead of NO_PROXY. */
  readonly noProxy?: string | undefined;
  /** Source of jitter, 0 to 1. */
  readonly random?: (() => number) | undefined;
}

const url = z.url({ protocol: /^https?$/ }).optional();
/** Longer than this a timer of JavaScript cannot wait. */
export const MAX_TIMER_MS = 2_147_483_647;
const positive = z.number().positive().optional();

/** Only what can be wrong in a configuration file or an environment; the types see to the rest. */
const optionsSchema = z.looseObject({
  clientId: z.string().min(1),
  clientSecret: z.string().min(1),
  refreshToken: z.string().min(1),
  apiUrl: url,
  tokenUrl: url,
  entityHeader: z
    .enum(['Amazon-Advertising-API-EntityId', 'Amazon-Advertising-API-Entity-Id'])
    .optional(),
  createBody: z.enum(['nested', 'flat']).optional(),
  pageUrlIds: z.enum(['plural', 'singular']).optional(),
  maxActiveExecutions: z.number().int().min(1).optional(),
  capacityTimeoutMs: z.number().nonnegative().optional(),
  requestTimeoutMs: z.number().positive().max(MAX_TIMER_MS).optional(),
  answerTimeoutMs: z.number().positive().max(MAX_TIMER_MS).optional(),
  userAgentSuffix: z
    .string()
    .regex(/^[!-~]([ -~]{0,198}[!-~])?$/, 'write printable ASCII, 200 characters at most')
    .optional(),
  maxDownloadBytes: positive,
  downloadTimeoutMs: z.number().positive().max(MAX_TIMER_MS).optional(),
});

/** The options, frozen; ConfigurationError that names the wrong one, never its value. */
export function checkOptions(options: ClientOptions): Readonly<ClientOptions> {
  const parsed = optionsSchema.safeParse(options);
  if (parsed.success) return Object.freeze({ ...options });
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new ConfigurationError(`The client's options are wrong: ${problems.join('; ')}`);
}
