/** What a terminal, a log or a database may take for something else than text. */
const NO_TEXT =
  // oxlint-disable-next-line no-control-regex -- these are what it is about
  /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]+|\p{Surrogate}/gu;

const DEFAULT_MAX_CHARACTERS = 1000;

/**
 * Text from outside as it may be kept and printed: without control characters and what turns the
 * direction of writing, each run of which becomes a space, and cut to `maxCharacters`.
 */
export function cleanText(text: string, maxCharacters = DEFAULT_MAX_CHARACTERS): string {
  // What is beyond any length that is kept need not be looked at.
  const clean = text
    .slice(0, 4 * maxCharacters)
    .replaceAll(NO_TEXT, ' ')
    .trim();
  const isCut = clean.length > maxCharacters || text.length > 4 * maxCharacters;
  return isCut ? `${clean.slice(0, maxCharacters).replace(/\p{Surrogate}$/u, '')}…` : clean;
}
