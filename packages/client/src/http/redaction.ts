const REDACTED = '[redacted]';

/** What Login with Amazon issues: access tokens, refresh tokens, codes, client secrets. */
const TOKEN = /\b(?:Atza|Atzr|Atcr)\|[\w\-.~+/=|]+|\bamzn1\.oa2-cs\.[\w.-]+/g;
const BEARER = /\b(bearer\s+)[^\s"',;]+/gi;
const SECRET_FIELD =
  /(["']?\b(?:access_token|refresh_token|client_secret|id_token)["']?\s*[=:]\s*["']?)[^\s"'&,}]+/gi;
/** The signature of a signed URL is in its query. */
const SIGNED_QUERY = /(https?:\/\/[^\s"'?<>\\]+)\?[^\s"'<>\\]*/g;
const SIGNATURE = /\b(X-Amz-(?:Signature|Credential|Security-Token)=)[^\s"'&<]+/gi;

/** Takes secrets out of text: the known ones by value, others by their shape. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Text that must never appear; anything shorter than 4 characters would hit by chance. */
  add(secret: string): void {
    if (secret.length >= 4) this.#secrets.add(secret);
  }

  redact(text: string): string {
    let clean = text;
    for (const secret of this.#secrets) {
      clean = clean.replaceAll(secret, REDACTED);
      clean = clean.replaceAll(encodeURIComponent(secret), REDACTED);
    }
    return redactByShape(clean);
  }
}

/** Takes out whatever looks like a token, a secret field or the query of a URL. */
export function redactByShape(text: string): string {
  return text
    .replaceAll(TOKEN, REDACTED)
    .replaceAll(BEARER, `$1${REDACTED}`)
    .replaceAll(SECRET_FIELD, `$1${REDACTED}`)
    .replaceAll(SIGNED_QUERY, `$1?${REDACTED}`)
    .replaceAll(SIGNATURE, `$1${REDACTED}`);
}
