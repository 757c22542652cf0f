/** A base64 text of fewer characters would hit by chance. */
const MIN_BASE64_SECRET_LENGTH = 8;

const HTML_NAMES: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
};

/**
 * Finds a secret as it is, URL-encoded (once or twice), escaped for JSON or HTML, and inside base64
 * (of `user:secret`, say). Nothing in it repeats without bound, so that it is as fast as a search.
 */
export function secretPattern(secret: string): RegExp {
  const forms = [secret, ...(secret.length < MIN_BASE64_SECRET_LENGTH ? [] : base64Cores(secret))];
  return new RegExp(forms.map(patternOf).join('|'), 'g');
}

function patternOf(text: string): string {
  return Array.from(text, (character) =>
    /[a-z\d]/i.test(character) ? character : `(?:${waysToWrite(character).join('|')})`,
  ).join('');
}

function waysToWrite(character: string): string[] {
  const literal = escaped(character);
  // Up to two times escaped for JSON.
  const ways = [
    `\\\\{0,3}${literal}`,
    percentEncoded(character, '%'),
    percentEncoded(character, '%25'),
    Array.from(utf16Units(character), (unit) => `\\\\{1,3}u${anyCase(unit)}`).join(''),
    `&#(?:${character.codePointAt(0) ?? 0}|x0{0,6}${anyCase((character.codePointAt(0) ?? 0).toString(16))});`,
  ];
  const name = HTML_NAMES[character];
  if (name !== undefined) ways.push(`&${name};`);
  if (character === ' ') ways.push('\\+');
  // The alphabet of base64 in URLs.
  if (character === '+') ways.push('-');
  if (character === '/') ways.push('_');
  return ways;
}

function percentEncoded(character: string, mark: string): string {
  const bytes = Array.from(Buffer.from(character, 'utf8'), (byte) =>
    byte.toString(16).padStart(2, '0'),
  );
  return bytes.map((byte) => `${mark}${anyCase(byte)}`).join('');
}

function utf16Units(character: string): string[] {
  return Array.from({ length: character.length }, (_, index) =>
    character.charCodeAt(index).toString(16).padStart(4, '0'),
  );
}

/** Hexadecimal digits in either case. */
function anyCase(digits: string): string {
  return digits.replaceAll(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escaped(character: string): string {
  return character.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/**
 * What is certain to stand in the base64 of any text that holds the secret: three forms, because it
 * may begin at any of three places within a group, and without the characters at both ends into
 * which its neighbours reach.
 */
function base64Cores(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const from = Math.ceil((before * 8) / 6);
    return text.slice(from, Math.floor(((before + bytes.length) * 8) / 6));
  });
}
