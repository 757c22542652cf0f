/** Thrown for a value that a column cannot hold; the caller adds stream, record and property. */
export class UnfitValueError extends Error {
  override readonly name = 'UnfitValueError';
}
