/** Enough for a sentence that a log line or a ledger row bears. */
const DEFAULT_LENGTH = 1_000;
/** Cleaning can make text shorter, never longer: what lies beyond cannot come in. */
const READ_FACTOR = 8;

const ESCAPE = '\\u001b';
/** What terminals obey: colours, cursor moves (CSI), titles and links (OSC), short commands. */
const TERMINAL_COMMAND = new RegExp(
  [
    `(?:${ESCAPE}\\[|\\u009b)[0-?]*[ -/]*[@-~]`,
    `${ESCAPE}\\][^\\u0007${ESCAPE}]*(?:\\u0007|${ESCAPE}\\\\)`,
    `${ESCAPE}[ -/]*[0-~]`,
  ].join('|'),
  'g',
);
const BLANKS_AND_CONTROLS = /[\s\p{Cc}]+/gu;
/** Marks that turn the direction of text, hide in it or tag it; joiners are letters of scripts. */
const INVISIBLE = /(?![\u200c\u200d])[\p{Cf}\p{Co}\p{Cn}]/gu;
const IDENTIFIER = /^[!-~]{1,256}$/;

/**
 * Text from outside, fit to be kept or printed: one line, without control characters, terminal
 * commands, marks that turn text around and halves of characters, and cut to `maxLength`. Every
 * string that comes with an answer goes through here, whatever it is for.
 */
export function cleanText(text: string, maxLength = DEFAULT_LENGTH): string {
  const clean = text
    .slice(0, maxLength * READ_FACTOR)
    .toWellFormed()
    .replaceAll(TERMINAL_COMMAND, ' ')
    .replaceAll(INVISIBLE, '')
    .replaceAll(BLANKS_AND_CONTROLS, ' ')
    .trim();
  const isWhole = clean.length <= maxLength && text.length <= maxLength * READ_FACTOR;
  return isWhole ? clean : cut(clean, text.length, maxLength);
}

/** Never longer than `maxLength` in all, so that text that was cut is not cut again. */
function cut(clean: string, wholeLength: number, maxLength: number): string {
  const note = `… (${wholeLength} characters)`;
  const end = note.length * 2 > maxLength ? '…' : note;
  return `${clean.slice(0, maxLength - end.length).replace(/[\ud800-\udbff]$/, '')}${end}`;
}

/** Whether text is fit to be an id: printable ASCII without blanks, 256 characters at most. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text);
}

/**
 * An id from outside; one that is none comes out cleaned and marked, so that it equals no id of
 * anybody's.
 */
export function cleanIdentifier(text: string, clean: typeof cleanText = cleanText): string {
  return isIdentifier(text) && clean(text) === text ? text : `${clean(text, 64)}\ufffd`;
}
