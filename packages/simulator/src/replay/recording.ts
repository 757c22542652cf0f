import type { CapturedPair } from './captured-pair.ts';

/** What a request asks for, so that the answers recorded for the same can be found. */
export interface ReplayKey {
  readonly operation: CapturedPair['operation'];
  /** Key of the account; of downloads it is left out, for their addresses do not say it. */
  readonly account: string | undefined;
  readonly method: string;
  /** Path, and host for downloads, without the query. */
  readonly path: string;
}

/**
 * Recorded answers by what was asked. Each is given once, in the order of recording; the last of
 * its kind stays, so that a client that polls oftener than the recorded one gets on. Creates are
 * never given twice.
 */
export class Recording {
  readonly #queues = new Map<string, CapturedPair[]>();
  readonly firstSentMs: number;

  constructor(pairs: readonly CapturedPair[]) {
    this.firstSentMs = Math.min(...pairs.map((pair) => Date.parse(pair.sentAt)));
    for (const pair of pairs) {
      const key = keyText(keyOf(pair));
      this.#queues.set(key, [...(this.#queues.get(key) ?? []), pair]);
    }
  }

  next(key: ReplayKey): CapturedPair | undefined {
    const queue = this.#queues.get(keyText(key));
    const isLast = queue?.length === 1;
    return isLast && key.operation !== 'create' ? queue[0] : queue?.shift();
  }
}

function keyOf(pair: CapturedPair): ReplayKey {
  const { operation, account, request } = pair;
  const url = new URL(request.url);
  const download = operation === 'download';
  return {
    operation,
    account: download ? undefined : account.split('@')[0],
    method: request.method,
    path: download ? `/${url.host}${url.pathname}` : url.pathname.toLowerCase(),
  };
}

function keyText({ operation, account, method, path }: ReplayKey): string {
  return [operation, account ?? '', method.toUpperCase(), path].join(' ');
}
