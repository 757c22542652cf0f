const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i;

/**
 * Epoch ms of a timestamp with 0 to 9 fraction digits, with Z, an offset, or neither (then UTC);
 * null for anything else. Both forms appear in the documentation's samples.
 */
export function parseInstant(value: unknown): number | null {
  const match = typeof value === 'string' ? INSTANT.exec(value.trim()) : null;
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, fraction, zone] = match;
  const milliseconds = (fraction ?? '').slice(0, 3).padEnd(3, '0');
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second ?? '00'}.${milliseconds}Z`;
  const ms = Date.parse(text);
  // Days that a month does not have are moved into the next one.
  const isReal = !Number.isNaN(ms) && new Date(ms).toISOString() === text;
  return isReal ? ms - offsetMs(zone) : null;
}

/** `yyyy-MM-dd'T'HH:mm:ss`, the form that requests use; without Z, as the zone is sent beside it. */
export function formatLocal(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(0, 19);
}

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone.toUpperCase() === 'Z') return 0;
  const digits = zone.slice(1).replace(':', '');
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}
