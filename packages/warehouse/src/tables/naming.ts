import { createHash } from 'node:crypto';

/** How names of streams and properties become names in the warehouse. */
export interface NamingRules {
  /** Longest identifier in bytes; PostgreSQL takes 63 and cuts longer ones silently. */
  readonly maxBytes: number;
  /** `keep` leaves letters as they are, `lower` makes them small. */
  readonly letterCase: 'keep' | 'lower';
  /** What no identifier may contain, with the flag `g`; becomes `_`. U+0000 unless given. */
  readonly forbidden?: RegExp;
  /** Names that no column may have, since every table has columns of its own under them. */
  readonly systemColumns?: readonly string[];
  /** Whether names that differ in their case alone are one name to the warehouse. */
  readonly ignoresCase?: boolean;
}

const HASH_LENGTH = 8;

/** Tables of the loader's own have it; no stream's has. */
export const OWN_PREFIX = '_traffic_events_';
/** The currencies of accounts, which whoever knows them fills in. */
export const CURRENCIES_TABLE = 'account_currencies';
export const RATES_TABLE = 'exchange_rates';
/** What fingerprints of the ledger stand for. */
export const DEFINITIONS_TABLE = 'definitions';

/**
 * `name` as an identifier. One that is too long is cut and ends in a hash of the whole name, so two
 * long names never become one.
 */
export function identifierOf(name: string, rules: NamingRules): string {
  const cased = rules.letterCase === 'lower' ? name.toLowerCase() : name;
  const clean =
    rules.forbidden === undefined
      ? cased.replaceAll('\u0000', '')
      : cased.replaceAll(rules.forbidden, '_');
  if (clean !== '' && clean === cased && Buffer.byteLength(clean) <= rules.maxBytes) return clean;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  return `${cutToBytes(clean, rules.maxBytes - HASH_LENGTH - 1)}_${hash}`;
}

/**
 * Identifiers of columns that are to be named `names`, in order, no two alike, nor like one that is
 * `held`: where case makes them so, the later gets a hash, and so does one that the warehouse has a
 * column of its own for.
 */
export function distinctIdentifiers(
  names: readonly string[],
  rules: NamingRules,
  held: readonly string[] = [],
): string[] {
  const taken = new Set(
    [...(rules.systemColumns ?? []), ...held].map((name) => compared(name, rules)),
  );
  return names.map((name) => {
    const plain = identifierOf(name, rules);
    const identifier = taken.has(compared(plain, rules)) ? hashed(name, rules) : plain;
    taken.add(compared(identifier, rules));
    return identifier;
  });
}

/** Equal for identifiers that the warehouse takes for one. */
export function compared(identifier: string, { ignoresCase }: NamingRules): string {
  return ignoresCase === true ? identifier.toLowerCase() : identifier;
}

/** The identifier of a name whose plain one is another's. */
export function hashed(name: string, rules: NamingRules): string {
  const hash = createHash('sha256').update(name).digest('hex').slice(0, HASH_LENGTH);
  const base = identifierOf(name, { ...rules, maxBytes: rules.maxBytes - HASH_LENGTH - 1 });
  return `${base}_${hash}`;
}

/** Cuts at a character, never inside one. */
function cutToBytes(text: string, maxBytes: number): string {
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
