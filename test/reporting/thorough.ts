/**
 * Whether tests run that take minutes or download much. Whoever has just cloned waits for none of
 * them; the last lines of a run name those that it left out.
 */
export const isThorough = process.env['CI'] === 'true';
