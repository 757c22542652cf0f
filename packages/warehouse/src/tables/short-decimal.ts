/** Digits alone: zeros behind the point, and the sign of none, are a warehouse's manner of writing. */
export function shortDecimal(decimal: string): string {
  const short = decimal.includes('.') ? decimal.replace(/\.?0+$/, '') : decimal;
  return short === '-0' ? '0' : short;
}
