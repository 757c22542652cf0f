import { expect, it } from 'vitest';

import { didYouMean } from './did-you-mean.ts';

const KNOWN = ['dsp_impressions', 'dsp_clicks', 'streams', 'schema'];

it.each([
  ['dsp_impression', 'dsp_impressions'],
  ['DSP-Clicks', 'dsp_clicks'],
  ['stream', 'streams'],
])('%s is taken for %s', (given, meant) => {
  expect(didYouMean(given, KNOWN)).toBe(`, did you mean "${meant}"?`);
});

it.each(['sponsored', 'x', ''])('nothing is guessed of %j', (given) => {
  expect(didYouMean(given, KNOWN)).toBe('');
});
