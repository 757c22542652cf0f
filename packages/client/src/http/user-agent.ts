/**
 * As package.json has it, to which a test holds it: a bundle of a program has another package.json
 * beside it, and a library's compiler takes in nothing from outside its sources.
 */
const VERSION = '0.1.0';

/** What every request says of who asks: this client, then the program that uses it. */
export function userAgent(suffix: string | undefined): string {
  const own = `traffic-events-client/${VERSION}`;
  return suffix === undefined ? own : `${own} ${suffix}`;
}
