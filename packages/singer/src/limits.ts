/** No warehouse holds JSON of more levels. */
export const MAX_LEVELS = 500;
/** Of a list. */
export const MAX_ITEMS = 1_000_000;
