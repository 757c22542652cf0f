/** An instant as warehouses write it as text, in ISO 8601 and UTC; null where there is none. */
export function instantOf(text: string | null): string | null {
  if (text === null) return null;
  const zoned = text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
  return new Date(zoned).toISOString();
}

/** A number that warehouses write as text; null where there is none. */
export function numberOf(text: string | null | undefined): number | null {
  return text === null || text === undefined ? null : Number(text);
}
