import { cleanText } from '../text/clean-text.ts';
import { secretPattern } from './secret-pattern.ts';

const REDACTED = '[redacted]';

/** What Login with Amazon issues: access tokens, refresh tokens, codes, client secrets. */
const TOKEN =
  /\b(?:Atza|Atzr|Atcr)(?:\||%(?:25)?7c|\\u007c|&#124;|&#x7c;)(?:[\w\-.~+/=|%]|\\\/|\\u00[0-9a-f]{2})+|\bamzn1\.oa2-cs\.[\w.-]+/gi;
const BEARER = /\b(bearer(?:\s|%20)+)[^\s"',;\\]+/gi;
/** A header of credentials, whatever its scheme. */
const AUTHORIZATION =
  /\b(authorization\\*["']?\s*[:=]\s*\\*["']?(?:(?:basic|digest|negotiate)\s+)?)(?!bearer\b)[^\s"',;\\]+/gi;
const SECRET_FIELD =
  /(\b(?:access_token|refresh_token|client_secret|id_token)(?:\\*["']|%22|&quot;)?\s*(?:[=:]|%3[da])\s*(?:\\*["']|%22|&quot;)?)[^\s"'&,}\\]+/gi;
const URL_TEXT = /\b(?:https?|socks[45]?h?):(?:\\?\/){2}(?:[^\s"'<>\\]|\\\/)+/gi;
const SIGNATURE = /\b(X-Amz-(?:Signature|Credential|Security-Token)(?:=|%3d))[^\s"'&<]+/gi;

/** Anything shorter would hit by chance. */
const MIN_SECRET_LENGTH = 4;

/**
 * Takes secrets out of text: the known ones by value, in every form in which an answer may echo them,
 * others by their shape. The time that it takes grows with the length of the text and no faster.
 * Redact before cutting: the half of a secret is not found any more.
 */
export class Redactor {
  readonly #secrets = new Map<string, RegExp>();

  /** Text that must never appear. */
  add(secret: string): void {
    if (secret.length < MIN_SECRET_LENGTH || this.#secrets.has(secret)) return;
    this.#secrets.set(secret, secretPattern(secret));
  }

  redact(text: string): string {
    let clean = text;
    for (const pattern of this.#secrets.values()) clean = clean.replaceAll(pattern, REDACTED);
    return redactByShape(clean);
  }

  /** Text of an answer, fit to be kept or printed: without secrets, cleaned and cut, in that order. */
  clean(text: string, maxLength?: number): string {
    return cleanText(this.redact(text), maxLength);
  }
}

/** Takes out whatever looks like a token, a secret field, or the credentials or query of a URL. */
export function redactByShape(text: string): string {
  return text
    .replaceAll(TOKEN, REDACTED)
    .replaceAll(BEARER, `$1${REDACTED}`)
    .replaceAll(AUTHORIZATION, `$1${REDACTED}`)
    .replaceAll(SECRET_FIELD, `$1${REDACTED}`)
    .replaceAll(URL_TEXT, redactUrl)
    .replaceAll(SIGNATURE, `$1${REDACTED}`);
}

/** The signature of a signed URL is in its query; a proxy's password stands before its host. */
function redactUrl(url: string): string {
  const query = url.indexOf('?');
  const bare = query === -1 ? url : url.slice(0, query);
  const clean = bare.replace(/^([a-z\d]+:(?:\\?\/){2})[^/?#\\]*@/i, `$1${REDACTED}@`);
  return query === -1 ? clean : `${clean}?${REDACTED}`;
}
