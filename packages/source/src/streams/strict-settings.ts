import { z } from 'zod';

import { didYouMean } from './did-you-mean.ts';

/** Settings of which an unknown one is refused, with the one that is meant, or all that there are. */
export function strictSettings<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, Object.keys(shape)) : undefined,
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const named = keys.map((key) => JSON.stringify(key)).join(', ');
  const meant = keys.map((key) => didYouMean(key, known)).filter((text) => text !== '');
  const advice = meant.length === keys.length ? meant.join('') : `; known are ${known.join(', ')}`;
  return `Unrecognized key${keys.length === 1 ? '' : 's'}: ${named}${advice}`;
}
