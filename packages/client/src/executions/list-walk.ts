import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import type { WorkflowExecution } from '../execution.ts';

/** An account has some hundreds of executions a day at most; pages hold up to 100, some none. */
const MAX_PAGES = 1_000;
const MAX_EXECUTIONS = 50_000;
const MAX_TOKEN_CHARACTERS = 8_192;

/** The way through the pages of a list, which comes to an end whatever the API answers. */
export class ListWalk {
  readonly #accountKey: string;
  readonly #tokens = new Set<string>();
  readonly #ids = new Set<string>();
  #pages = 0;
  #unreadable = 0;
  #nextToken: string | undefined;

  constructor(accountKey: string) {
    this.#accountKey = accountKey;
  }

  /** Of the page to ask for; undefined for the first one, and behind the last. */
  get nextToken(): string | undefined {
    return this.#nextToken;
  }

  /** Those of a page that no page before had. */
  fresh(executions: readonly WorkflowExecution[]): WorkflowExecution[] {
    const fresh = executions.filter(({ id }) => !this.#ids.has(id));
    for (const { id } of fresh) this.#ids.add(id);
    return fresh;
  }

  /**
   * Goes on to the next page; ResponseMalformedError where the list would not end, and behind its
   * last page where any of it could not be read: what that was is unknown.
   */
  turn({ nextToken, unreadable }: { nextToken: string | undefined; unreadable: number }): void {
    this.#pages += 1;
    this.#unreadable += unreadable;
    this.#nextToken = nextToken;
    if (nextToken === undefined) {
      if (this.#unreadable > 0) throw this.#incomplete();
      return;
    }
    if (nextToken.length > MAX_TOKEN_CHARACTERS) {
      throw this.#endless(`a nextToken has ${nextToken.length} characters`);
    }
    if (this.#tokens.has(nextToken)) throw this.#endless('a page comes again');
    this.#tokens.add(nextToken);
    if (this.#pages >= MAX_PAGES) throw this.#endless(`it has more than ${MAX_PAGES} pages`);
    if (this.#ids.size >= MAX_EXECUTIONS) {
      throw this.#endless(`it has more than ${MAX_EXECUTIONS} executions`);
    }
  }

  tooLong(timeoutMs: number): ResponseMalformedError {
    return this.#endless(`it has not come within ${timeoutMs / 1_000} s`);
  }

  #incomplete(): ResponseMalformedError {
    return new ResponseMalformedError(
      `The list of executions of ${this.#accountKey} has ${this.#unreadable} entries or tokens that cannot be read beside ${this.#ids.size} executions. What they are is unknown; report this to Amazon`,
    );
  }

  #endless(why: string): ResponseMalformedError {
    return new ResponseMalformedError(
      `The list of executions of ${this.#accountKey} does not end: ${why}, after ${this.#pages} pages with ${this.#ids.size} executions. What else it has is unknown; report this to Amazon`,
    );
  }
}
