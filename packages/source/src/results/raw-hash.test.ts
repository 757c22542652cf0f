import { createHash } from 'node:crypto';

import { expect, test } from 'vitest';

import { rawHash } from './slice-result.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

test('a raw hash is that of the file, and of several files that of theirs in order', () => {
  const [one, two] = [sha256('first part'), sha256('second part')];
  expect(rawHash([one])).toBe(one);
  expect(rawHash([one, two])).toBe(sha256(`${one}${two}`));
  expect(rawHash([two, one])).not.toBe(rawHash([one, two]));
  expect(rawHash([])).toBeNull();
});
