const DIGITS = /^-?\d+$/;
/** Of a unit of the currency. */
export const MILLICENTS = 100_000;

/** `1,234,567`, whatever its length; decimals are left as they are. */
export function grouped(digits: string): string {
  return DIGITS.test(digits) ? BigInt(digits).toLocaleString('en-US') : digits;
}

/** What is not known is shown as such, and never as 0. */
export function figure(digits: string | null): string {
  return digits === null ? '–' : grouped(digits);
}

export function percent(share: number | null, decimals = 1): string {
  return share === null ? '–' : `${(share * 100).toFixed(decimals)} %`;
}

/** Of millicents, in units of the currency. */
export function money(millicents: string | null, currency: string | null): string {
  if (millicents === null) return '–';
  const units = Number(millicents) / MILLICENTS;
  const text = units.toLocaleString('en-US', {
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  });
  return `${text} ${currency ?? '(currency not known)'}`;
}

/** `2026-03-04 06:12`, UTC. */
export function minute(instant: string | null): string {
  return instant === null ? '–' : instant.slice(0, 16).replace('T', ' ');
}

/** `1 date`, `2 dates` */
export function counted(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}

/** `click_through_rate` as people write it. */
export function words(name: string): string {
  const text = name.replaceAll('_', ' ');
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
