import { OutcomeError, EXIT } from '@traffic-events/program';

/** A consent that was not given, or not in time. */
export class ConsentMissingError extends OutcomeError {
  override readonly name = 'ConsentMissingError';
  readonly exitCode = EXIT.credentials;
}

/**
 * The code of a consent, from the address that the browser ended at, or as it is. Throws
 * ConsentMissingError where the user refused, or where the address answers another question.
 */
export function consentCode(pasted: string, state: string): string {
  const text = pasted.trim();
  if (/^[\w.-]+$/.test(text)) return text;
  const url = URL.parse(text);
  if (url === null) {
    throw new ConsentMissingError(
      'That is neither a code nor an address with one. Paste the whole address that the browser ended at.',
    );
  }
  return codeOf(url.searchParams, state);
}

/** As `consentCode`, of the query of an address. */
export function codeOf(query: URLSearchParams, state: string): string {
  if ((query.get('state') ?? '') !== state) {
    throw new ConsentMissingError(
      'The address belongs to another consent: its "state" is not the one that was asked for. Open the address that was printed last.',
    );
  }
  const refusal = query.get('error');
  if (refusal !== null) {
    const word = /^\w{1,40}$/.test(refusal) ? refusal : 'no reason is given';
    throw new ConsentMissingError(`The consent was refused (${word}). Run login again.`);
  }
  const code = query.get('code');
  if (code !== null && code !== '') return code;
  throw new ConsentMissingError(
    'The address has no "code". Paste the whole address that the browser ended at.',
  );
}
