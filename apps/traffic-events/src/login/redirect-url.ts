import { InvalidArgumentError } from 'commander';
import { isLoopback } from './loopback.ts';

/** An address that Login with Amazon may send a browser back to: https, or this machine. */
export function parseRedirectUrl(text: string): string {
  if (URL.parse(text)?.protocol === 'https:' || isLoopback(text)) return text;
  throw new InvalidArgumentError(
    'Expected an https address, or http://localhost:PORT/PATH of this machine.',
  );
}
