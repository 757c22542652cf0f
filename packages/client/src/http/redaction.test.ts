import { describe, expect, it } from 'vitest';

import { redactByShape, Redactor } from './redaction.ts';

describe('Redactor', () => {
  it('takes out known secrets, encoded too', () => {
    const redactor = new Redactor();
    redactor.add('s3cret/with+signs');
    redactor.add('abc');
    expect(redactor.redact('a=s3cret/with+signs b=s3cret%2Fwith%2Bsigns abc')).toBe(
      'a=[redacted] b=[redacted] abc',
    );
  });
});

describe('redactByShape', () => {
  it.each([
    ['Authorization: Bearer eyJhbGciOi.x-y', 'Authorization: Bearer [redacted]'],
    ['token Atza|IwEBIJ-x.y and Atzr|IwEBI', 'token [redacted] and [redacted]'],
    ['amzn1.oa2-cs.v1.1234abcd', '[redacted]'],
    [
      '{"refresh_token":"abcd","expires_in":3600}',
      '{"refresh_token":"[redacted]","expires_in":3600}',
    ],
    ['client_secret=abcd&grant_type=x', 'client_secret=[redacted]&grant_type=x'],
    [
      'GET https://bucket.s3.amazonaws.com/a.csv?X-Amz-Signature=1&X-Amz-Expires=600 failed',
      'GET https://bucket.s3.amazonaws.com/a.csv?[redacted] failed',
    ],
    ['<Signed>X-Amz-Signature=abc</Signed>', '<Signed>X-Amz-Signature=[redacted]</Signed>'],
    ['{"code":"403","details":"Advertiser 1"}', '{"code":"403","details":"Advertiser 1"}'],
  ])('%s', (text, clean) => {
    expect(redactByShape(text)).toBe(clean);
  });
});
