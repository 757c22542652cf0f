import { TIME_ZONE_ALIASES } from './time-zone-aliases.ts';

/** Names of today by every name in lower case: the runtime takes names in any case. */
const names = new Map(
  Object.entries(TIME_ZONE_ALIASES).flatMap(([name, aliases]) =>
    [name, ...aliases].map((alias) => [alias.toLowerCase(), name] as const),
  ),
);

/** Whether the runtime knows a zone of this name: `Asia/Kolkata`, `US/Pacific`, `Etc/UTC`. */
export function isTimeZone(name: string): boolean {
  return resolved(name) !== undefined;
}

/**
 * The name of today for a zone: `Asia/Kolkata` for `Asia/Calcutta`, `UTC` for every name of it. The
 * name itself where there is no other, in the case that the time zone database writes.
 */
export function currentTimeZone(name: string): string {
  const current = names.get(name.toLowerCase());
  if (current !== undefined) return current;
  const spelled = resolved(name) ?? name;
  // A runtime that answers with another name follows its own taste, which another version may not share.
  return isOffset(name) || spelled.toLowerCase() === name.toLowerCase() ? spelled : name;
}

/** Whether two names are those of one zone. */
export function isSameTimeZone(a: string, b: string): boolean {
  return currentTimeZone(a) === currentTimeZone(b);
}

function resolved(name: string): string | undefined {
  try {
    const { timeZone } = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions();
    return timeZone === '+00:00' ? 'UTC' : timeZone;
  } catch {
    return undefined;
  }
}

/** An offset, `+05:30`, has spellings instead of aliases. */
function isOffset(name: string): boolean {
  return /^[+-]/.test(name);
}
