import { marketplaces } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import type { Simulator } from '../index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined where it is none. */
  readonly json: any; // oxlint-disable-line typescript/no-explicit-any -- tests look into any answer
}

/** Speaks to a simulator as a program in any language would: plain HTTP, nothing else. */
export class ApiCaller {
  readonly #simulator: Simulator;
  readonly #headers: Record<string, string>;

  private constructor(simulator: Simulator, headers: Record<string, string>) {
    this.#simulator = simulator;
    this.#headers = headers;
  }

  static async signIn(simulator: Simulator, account: Account): Promise<ApiCaller> {
    const token = (await requestToken(simulator)).json.access_token as string;
    const named =
      account.kind === 'dsp'
        ? { 'Amazon-Advertising-Advertiser-Id': account.advertiserId }
        : { 'Amazon-Advertising-API-EntityId': account.entityId };
    return new ApiCaller(simulator, {
      Authorization: `Bearer ${token}`,
      'Amazon-Advertising-API-ClientId': simulator.credentials.clientId,
      'Amazon-Advertising-API-MarketplaceId': marketplaces[account.marketplace].id,
      ...named,
    });
  }

  /** The same caller with some headers changed; undefined leaves one out. */
  with(headers: Record<string, string | undefined>): ApiCaller {
    const merged = Object.entries({ ...this.#headers, ...headers });
    const kept = merged.filter((entry): entry is [string, string] => entry[1] !== undefined);
    return new ApiCaller(this.#simulator, Object.fromEntries(kept));
  }

  call(method: string, path: string, body?: unknown): Promise<Answer> {
    const headers = body === undefined ? {} : { 'content-type': 'application/json' };
    return request(`${this.#simulator.url}${path}`, {
      method,
      headers: { ...headers, ...this.#headers },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  }

  create(body: object): Promise<Answer> {
    return this.call('POST', '/avc/workflowexecutions', body);
  }

  get(id: string): Promise<Answer> {
    return this.call('GET', `/avc/workflowexecutions/${id}`);
  }

  downloadUrls(id: string): Promise<Answer> {
    return this.call('GET', `/avc/workflowexecutions/${id}/downloadUrls`);
  }

  /** Runs a query to its end, moving the clock, and answers the lines of its CSV. */
  async query(body: object): Promise<string[]> {
    const created = await this.create(body);
    const id = executionOf(created).workflowExecutionId as string;
    this.#simulator.clock.advanceTo(this.#simulator.clock.now() + 900_000);
    const urls = await this.downloadUrls(id);
    if (urls.status !== 200) throw new Error(`${urls.text} ${(await this.get(id)).text}`);
    const file = await request(urls.json.downloadUrls[0]);
    return file.text.trimEnd().split('\n');
  }
}

/** The execution in an answer, nested or flat. */
export function executionOf(answer: Answer) {
  return answer.json.workflowExecution ?? answer.json;
}

export function requestToken(
  simulator: Simulator,
  changes: Record<string, string> = {},
): Promise<Answer> {
  const { clientId, clientSecret, refreshToken } = simulator.credentials;
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: clientId,
    client_secret: clientSecret,
    refresh_token: refreshToken,
    ...changes,
  });
  return request(`${simulator.url}/auth/o2/token`, { method: 'POST', body: form });
}

export async function request(url: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(url, init);
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
