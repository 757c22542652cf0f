import { slotKey, accountKey, checkAccount } from './account.ts';
import type { Account } from './account.ts';
import { AccountClient } from './account-client.ts';
import type { AccountClientOptions } from './account-client.ts';
import { TokenSource } from './auth/token-source.ts';
import { Capture } from './capture/capture.ts';
import { checkOptions, MAX_TIMER_MS } from './client-options.ts';
import type { ClientOptions } from './client-options.ts';
import { closable, systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { accountHeaders } from './executions/account-headers.ts';
import { ApiCaller } from './http/api-caller.ts';
import type { AccountRoute } from './http/api-request.ts';
import { ApiTime } from './http/api-time.ts';
import { Redactor } from './http/redaction.ts';
import { defaultRetryPolicy } from './http/retry-timing.ts';
import type { RetryPolicy } from './http/retry-timing.ts';
import { HttpTransport } from './http/transport.ts';
import { userAgent } from './http/user-agent.ts';
import { silentLogger } from './logger.ts';
import { marketplace, regions } from './marketplace.ts';
import { DurationMemory } from './polling/duration-memory.ts';

const DEFAULT_ENTITY_HEADER = 'Amazon-Advertising-API-EntityId';
const DEFAULT_SLOTS = 5;
const DEFAULT_CAPACITY_TIMEOUT_MS = 6 * 3_600_000;
const DEFAULT_REQUEST_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_DOWNLOAD_BYTES = 10_000_000_000;
const DEFAULT_DOWNLOAD_TIMEOUT_MS = 2 * 3_600_000;

/** Client of the traffic events API. Share one in a process: it holds the token and the slots. */
export class TrafficEventsClient {
  readonly #options: Readonly<ClientOptions>;
  readonly #clock: Clock;
  readonly #retry: RetryPolicy;
  readonly #transport: HttpTransport;
  readonly #apiTime: ApiTime;
  readonly #shared: Omit<AccountClientOptions, 'account' | 'route' | 'fetchPart'>;
  readonly #redactor = new Redactor();
  readonly #closed = new AbortController();
  readonly #accounts = new Map<string, AccountClient>();
  readonly #capture: Capture | undefined;

  /** ConfigurationError when an option is wrong; nothing is sent yet. */
  constructor(options: ClientOptions) {
    this.#options = checkOptions(options);
    this.#clock = closable(options.clock ?? systemClock, this.#closed.signal);
    this.#retry = Object.freeze({ ...defaultRetryPolicy, ...options.retry });
    this.#apiTime = new ApiTime(this.#clock);
    for (const secret of [options.clientSecret, options.refreshToken]) this.#redactor.add(secret);
    this.#transport = new HttpTransport({
      requestTimeoutMs: options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
      answerTimeoutMs: answerTimeoutOf(options),
      redactor: this.#redactor,
      userAgent: userAgent(options.userAgentSuffix),
      closed: this.#closed.signal,
      dispatcher: options.dispatcher,
      proxyUrl: options.proxyUrl,
      noProxy: options.noProxy,
    });
    this.#capture = this.#makeCapture();
    this.#shared = this.#makeShared();
  }

  /** The client of an account: the same object for the same account, whatever its time zone. */
  account(account: Account): AccountClient {
    const key = slotKey(checkAccount(account));
    let client = this.#accounts.get(key);
    if (client === undefined) {
      client = new AccountClient({
        ...this.#shared,
        account,
        route: this.#route(account),
        fetchPart: {
          transport: this.#transport,
          redactor: this.#redactor,
          capture: this.#capture,
          now: () => this.#clock.now(),
          accountKey: accountKey(account),
          paceWindowMs: this.#options.requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS,
        },
      });
      this.#accounts.set(key, client);
      this.#warnOfCoverage(account);
    }
    return client;
  }

  /**
   * The time by the API's clock (epoch ms): its last Date header plus what has passed since, or our
   * own clock before the first answer. ApiClockSkewError while both differ by over five minutes.
   */
  apiTimeMs(): number {
    return this.#apiTime.nowMs();
  }

  /** How long an account is asked again while nothing answers, in ms of the clock; may be Infinity. */
  get maxOutageMs(): number {
    return this.#retry.maxOutageMs;
  }

  /** Closes connections and ends what is under way. */
  async close(): Promise<void> {
    this.#closed.abort(new Error('The client was closed'));
    await this.#transport.close();
  }

  #route(account: Account): AccountRoute {
    const { apiUrl, tokenUrl, clientId, entityHeader } = this.#options;
    const hosts = regions[marketplace(account.marketplace).region];
    return {
      key: slotKey(account),
      apiUrl: (apiUrl ?? hosts.apiUrl).replace(/\/+$/, ''),
      tokenUrl: tokenUrl ?? hosts.tokenUrl,
      headers: accountHeaders(account, clientId, entityHeader ?? DEFAULT_ENTITY_HEADER),
    };
  }

  /** The documentation contradicts itself on this: one page lists every region, another the EU only. */
  #warnOfCoverage(account: Account): void {
    if (marketplace(account.marketplace).region === 'EU') return;
    this.#shared.logger.warn(
      { account_id: accountKey(account) },
      'the API may only have data of campaigns that serve in the EU',
    );
  }

  #makeCapture(): Capture | undefined {
    const { captureDirectory, logger } = this.#options;
    if (captureDirectory === undefined) return undefined;
    return new Capture({
      directory: captureDirectory,
      redactor: this.#redactor,
      now: () => this.#clock.now(),
      logger: logger ?? silentLogger,
    });
  }

  #makeShared(): Omit<AccountClientOptions, 'account' | 'route' | 'fetchPart'> {
    const options = this.#options;
    const common = {
      clock: this.#clock,
      apiTime: this.#apiTime,
      retry: this.#retry,
      random: options.random ?? Math.random,
      logger: options.logger ?? silentLogger,
    };
    const { clientId, clientSecret, refreshToken } = options;
    const http = { ...common, transport: this.#transport, redactor: this.#redactor };
    const tokens = new TokenSource({ ...http, clientId, clientSecret, refreshToken });
    return {
      ...common,
      caller: new ApiCaller({ ...http, tokens, capture: this.#capture }),
      durations: new DurationMemory(),
      bodyStyle: {
        createBody: options.createBody ?? 'nested',
        pageUrlIds: options.pageUrlIds ?? 'plural',
      },
      checkSql: options.checkSql ?? true,
      listEndpoint: options.listEndpoint,
      maxActiveExecutions: options.maxActiveExecutions ?? DEFAULT_SLOTS,
      capacityTimeoutMs: options.capacityTimeoutMs ?? DEFAULT_CAPACITY_TIMEOUT_MS,
      maxDownloadBytes: options.maxDownloadBytes ?? DEFAULT_MAX_DOWNLOAD_BYTES,
      downloadTimeoutMs: options.downloadTimeoutMs ?? DEFAULT_DOWNLOAD_TIMEOUT_MS,
    };
  }
}

/** An answer that keeps coming may take some silences long. */
function answerTimeoutOf({ answerTimeoutMs, requestTimeoutMs }: ClientOptions): number {
  const silenceMs = requestTimeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS;
  return answerTimeoutMs ?? Math.min(5 * silenceMs, MAX_TIMER_MS);
}
