import { z } from 'zod';

/** Settings of which an unknown one is refused, with those that there are. */
export function strictSettings<Shape extends z.core.$ZodLooseShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys' ? unknownKeys(issue.keys, Object.keys(shape)) : undefined,
  });
}

function unknownKeys(keys: readonly string[], known: readonly string[]): string {
  const named = keys.map((key) => JSON.stringify(key)).join(', ');
  return `Unrecognized key${keys.length === 1 ? '' : 's'}: ${named}; known are ${known.join(', ')}`;
}
