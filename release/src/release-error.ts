/** Why there is no release: its message says what to change. */
export class ReleaseError extends Error {
  override name = 'ReleaseError' as const;
}
