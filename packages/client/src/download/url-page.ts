import { fileUrl } from './file-url.ts';

/** Keys under which an answer may list the files of a result, the one that wins first. */
export const URL_KEYS = ['downloadUrls', 'urls', 'downloadUrl'] as const;

export type UrlKey = (typeof URL_KEYS)[number];

/** One answer of the API about the files of a result. */
export interface UrlPage {
  readonly files: ReadonlyMap<UrlKey, readonly URL[]>;
  readonly metadata: readonly URL[];
  readonly next: NextToken;
}

/** Where an answer says that there is more; both null where it does not. */
export interface NextToken {
  readonly token: string | null;
  /** What is wrong with a token that cannot be sent back. */
  readonly problem: string | null;
}

/** What is wrong with an answer, in words that follow "The download URLs of execution …". */
export class UrlPageProblem extends Error {}

/** Files of a result, and entries under one key; documented are five. */
export const MAX_URLS = 10_000;
const MAX_TOKEN_CHARACTERS = 8_192;

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads an answer; UrlPageProblem where it is not of a known shape. An entry that is no URL spoils
 * the whole: without it the result would be short, and nobody would know.
 */
export function readUrlPage(json: unknown): UrlPage {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new UrlPageProblem(`are ${kindOf(json)} where an object with downloadUrls should be`);
  }
  const fields = json as Fields;
  return {
    files: new Map(URL_KEYS.map((key) => [key, filesUnder(fields, key)])),
    metadata: metadataOf(fields),
    next: nextOf(fields['nextToken']),
  };
}

function filesUnder(fields: Fields, key: UrlKey): URL[] {
  return entriesUnder(fields, key).map((entry, index) => {
    const text = textOf(entry);
    const place = Array.isArray(fields[key]) ? `${key}[${index}]` : key;
    if (text === undefined) {
      throw new UrlPageProblem(`have ${kindOf(entry)} at ${place} where a URL should be`);
    }
    const { url, problem } = fileUrl(text);
    if (url === undefined) throw new UrlPageProblem(`have at ${place} ${problem}`);
    return url;
  });
}

/** Metadata is a help only: what is no URL there is left out. */
function metadataOf(fields: Fields): URL[] {
  const value = fields['metadataDownloadUrls'];
  const entries = Array.isArray(value) ? value.slice(0, MAX_URLS) : [value];
  return entries.flatMap((entry) => {
    const { url } = fileUrl(textOf(entry) ?? '');
    return url === undefined ? [] : [url];
  });
}

function entriesUnder(fields: Fields, key: UrlKey): readonly unknown[] {
  const value = fields[key];
  if (value === undefined || value === null || value === '') return [];
  if (!Array.isArray(value)) return [value];
  if (value.length <= MAX_URLS) return value;
  throw new UrlPageProblem(`have ${value.length} entries in ${key}; the most are ${MAX_URLS}`);
}

/** A URL is given as text or as `{"url": text}`. */
function textOf(entry: unknown): string | undefined {
  const inner = typeof entry === 'object' && entry !== null && 'url' in entry ? entry.url : entry;
  return typeof inner === 'string' ? inner : undefined;
}

function nextOf(value: unknown): NextToken {
  if (value === undefined || value === null || value === '' || value === false) {
    return { token: null, problem: null };
  }
  if (typeof value !== 'string' && typeof value !== 'number') {
    return { token: null, problem: `its nextToken is ${kindOf(value)}` };
  }
  const token = String(value);
  if (token.length <= MAX_TOKEN_CHARACTERS) return { token, problem: null };
  return { token: null, problem: `its nextToken has ${token.length} characters` };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
