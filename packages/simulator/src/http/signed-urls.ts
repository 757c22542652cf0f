import { createHmac, randomBytes } from 'node:crypto';

export type UrlVerdict = 'valid' | 'expired' | 'forged';

/** Addresses that are good for a while, as S3 signs them. */
export class SignedUrls {
  readonly #secret = randomBytes(32);
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** `path` with a signature; the origin is the caller's. */
  sign(path: string, ttlSeconds: number): string {
    const date = compactDate(this.#now());
    const expires = String(ttlSeconds);
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Date': date,
      'X-Amz-Expires': expires,
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': this.#signature(path, date, expires),
    });
    return `${path}?${query.toString()}`;
  }

  judge(path: string, query: Readonly<Record<string, unknown>>): UrlVerdict {
    const date = String(query['X-Amz-Date']);
    const expires = String(query['X-Amz-Expires']);
    if (query['X-Amz-Signature'] !== this.#signature(path, date, expires)) return 'forged';
    return this.#now() < parseCompactDate(date) + Number(expires) * 1000 ? 'valid' : 'expired';
  }

  #signature(path: string, date: string, expires: string): string {
    return createHmac('sha256', this.#secret).update(`${path} ${date} ${expires}`).digest('hex');
  }
}

/** `20261001T123456Z` */
function compactDate(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}

function parseCompactDate(text: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}
