import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { redactByShape, Redactor } from './redaction.ts';

const SECRET = 'Own|s3cret/with+signs="ü"';

const escapeAll = (text: string, escape: (character: string) => string) =>
  text.replaceAll(/[^a-z\d]/gi, escape);
const unit = (character: string) => character.charCodeAt(0).toString(16).padStart(4, '0');

/** How servers, proxies and libraries echo what they were sent. */
const FORMS: Readonly<Record<string, (text: string) => string>> = {
  'as it is': (text) => text,
  'URL-encoded': encodeURIComponent,
  'URL-encoded in small letters': (text) =>
    encodeURIComponent(text).replaceAll(/%../g, (hex) => hex.toLowerCase()),
  'URL-encoded twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  'of a form': (text) => new URLSearchParams({ a: text }).toString().slice(2),
  JSON: (text) => JSON.stringify(text).slice(1, -1),
  'JSON within JSON': (text) => JSON.stringify(JSON.stringify(text)).slice(1, -1),
  'JSON with slashes escaped': (text) => JSON.stringify(text).replaceAll('/', String.raw`\/`),
  'JSON in ASCII': (text) => escapeAll(text, (character) => `\\u${unit(character)}`),
  HTML: (text) => text.replaceAll('"', '&quot;').replaceAll('/', '&#x2F;'),
  'HTML in numbers': (text) => escapeAll(text, (character) => `&#${character.charCodeAt(0)};`),
  'basic credentials': (text) => Buffer.from(`user:${text}`).toString('base64'),
  'base64 for URLs': (text) => Buffer.from(`c1:${text}`).toString('base64url'),
  'base64 in JSON': (text) =>
    JSON.stringify(Buffer.from(`me:${text}`).toString('base64')).replaceAll('/', String.raw`\/`),
};

/** Four characters of a secret are nobody's by chance. */
function leaksOf(clean: string, secret: string, form: (text: string) => string): string[] {
  const whole = form(secret);
  const pieces = Array.from({ length: whole.length - 11 }, (_, at) => whole.slice(at, at + 12));
  return pieces.filter((piece) => clean.includes(piece));
}

describe('Redactor', () => {
  it.each(Object.entries(FORMS))('takes out a known secret %s', (_, form) => {
    const redactor = new Redactor();
    redactor.add(SECRET);
    const clean = redactor.redact(`{"before": "${form(SECRET)}", "after": 1}`);
    expect(clean).toContain('[redacted]');
    expect(clean).toMatch(/^\{"before": ".*after": 1\}$/);
    expect(leaksOf(clean, SECRET, form)).toStrictEqual([]);
  });

  it('takes out any secret in any form', () => {
    const secret = fc.string({ unit: 'grapheme-ascii', minLength: 12, maxLength: 60 });
    const form = fc.constantFrom(...Object.values(FORMS));
    fc.assert(
      fc.property(secret, form, (text, form) => {
        fc.pre(text.trim() === text && !/^\W*$/.test(text));
        const redactor = new Redactor();
        redactor.add(text);
        expect(redactor.redact(`a ${form(text)} b`)).toContain('[redacted]');
      }),
    );
  });

  it('leaves alone what is too short to be meant', () => {
    const redactor = new Redactor();
    redactor.add('abc');
    expect(redactor.redact('abc abc')).toBe('abc abc');
  });

  it('takes time that grows with the text and no faster', () => {
    const redactor = new Redactor();
    redactor.add('http://http://secret');
    const pieces = [
      'http://',
      'http://a@',
      'https://x?',
      'bearer ',
      'bearer',
      'access_token',
      'Atza|',
      'id_token : ',
      'authorization:',
      'X-Amz-Signature=',
      '%25',
      '\\u00',
      '"',
      ' ',
    ];
    const startMs = performance.now();
    for (const piece of pieces) redactor.redact(piece.repeat(1_000_000 / piece.length));
    // Two million characters would take hours with one pattern that is quadratic.
    expect(performance.now() - startMs).toBeLessThan(10_000);
  });
});

describe('redactByShape', () => {
  it.each([
    ['Authorization: Bearer eyJhbGciOi.x-y', 'Authorization: Bearer [redacted]'],
    ['{"authorization":"Basic dXNlcjpwYXNz"}', '{"authorization":"Basic [redacted]"}'],
    ['Proxy-Authorization: Basic dXNlcjpwYXNz', 'Proxy-Authorization: Basic [redacted]'],
    ['authorization=dXNlcjpwYXNz', 'authorization=[redacted]'],
    ['token Atza|IwEBIJ-x.y and Atzr|IwEBI', 'token [redacted] and [redacted]'],
    ['token=Atza%7CIwEB%2FIJ&a=1', 'token=[redacted]&a=1'],
    [String.raw`{"t":"Atza\u007cIwEB\u002fIJ"}`, '{"t":"[redacted]"}'],
    [String.raw`"{\"t\":\"Atza|IwEB\"}"`, String.raw`"{\"t\":\"[redacted]\"}"`],
    ['amzn1.oa2-cs.v1.1234abcd', '[redacted]'],
    [
      '{"refresh_token":"abcd","expires_in":3600}',
      '{"refresh_token":"[redacted]","expires_in":3600}',
    ],
    [String.raw`{\"refresh_token\": \"abcd\"}`, String.raw`{\"refresh_token\": \"[redacted]\"}`],
    ['client_secret=abcd&grant_type=x', 'client_secret=[redacted]&grant_type=x'],
    ['client_secret%3Dabcd&grant_type=x', 'client_secret%3D[redacted]&grant_type=x'],
    [
      'GET https://bucket.s3.amazonaws.com/a.csv?X-Amz-Signature=1&X-Amz-Expires=600 failed',
      'GET https://bucket.s3.amazonaws.com/a.csv?[redacted] failed',
    ],
    [
      String.raw`"https:\/\/bucket\/a.csv?X-Amz-Signature=1\/2"`,
      String.raw`"https:\/\/bucket\/a.csv?[redacted]"`,
    ],
    [
      'proxy http://user:p@ss@proxy.example:3128/ is down',
      'proxy http://[redacted]@proxy.example:3128/ is down',
    ],
    ['<Signed>X-Amz-Signature=abc</Signed>', '<Signed>X-Amz-Signature=[redacted]</Signed>'],
    ['{"code":"403","details":"Advertiser 1"}', '{"code":"403","details":"Advertiser 1"}'],
  ])('%s', (text, clean) => {
    expect(redactByShape(text)).toBe(clean);
  });
});
