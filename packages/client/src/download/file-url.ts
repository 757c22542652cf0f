import { cleanText } from '../text/clean-text.ts';

/** Far above what signed URLs have, session tokens included. */
const MAX_URL_CHARACTERS = 16_384;
const MAX_SHOWN_CHARACTERS = 60;

/** A text that can be fetched from as it is, or what keeps it from that. */
export type FileUrl =
  | { readonly url: URL; readonly problem?: never }
  | { readonly problem: string; readonly url?: never };

/** Reads the address of a file; `base` is what a relative one is relative to. */
export function fileUrl(text: string, base?: string): FileUrl {
  if (text.length > MAX_URL_CHARACTERS) {
    return { problem: `${text.length} characters long where ${MAX_URL_CHARACTERS} are the most` };
  }
  const url = URL.parse(text, base);
  if (url === null) return { problem: `${shown(text)}, which is no URL` };
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    return { problem: `a URL of ${shown(url.protocol)}, which is not fetched` };
  }
  if (url.username !== '' || url.password !== '') {
    return { problem: `a URL of ${url.origin} with a user or password in it, which are not sent` };
  }
  return { url };
}

/** Never the query, which may be a signature. */
function shown(text: string): string {
  const [start = ''] = text.split(/[?#]/, 1);
  const clean = cleanText(start, MAX_SHOWN_CHARACTERS);
  return JSON.stringify(start.length < text.length ? `${clean}…` : clean);
}

/** Parameters that sign or limit a URL, of S3, CloudFront, Google and Azure; lower case. */
const SIGNATURE_PARAMETER =
  /^(?:x-(?:amz|goog)-.*|signature|sig|expires|policy|key-pair-id|awsaccesskeyid|googleaccessid)$/;
/** Azure's shared access signatures name their limits in two letters and more. */
const AZURE_PARAMETER = /^(?:s[evptri]|spr|sip|ske|skt|sks|skv|skoid|sktid)$/;

/**
 * What names a file whatever its signature: its origin and path, and of the query what signs
 * nothing. Content names no file: two parts of a result may be equal.
 */
export function fileIdentity(url: URL): string {
  const names = [...url.searchParams.keys()].map((name) => name.toLowerCase());
  const isAzure = names.includes('sig');
  const rest = [...url.searchParams].filter(([name]) => {
    const known = name.toLowerCase();
    return !SIGNATURE_PARAMETER.test(known) && !(isAzure && AZURE_PARAMETER.test(known));
  });
  const query = new URLSearchParams(rest).toString();
  return `${url.origin}${url.pathname}${query === '' ? '' : `?${query}`}`;
}
