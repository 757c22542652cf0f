import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from './config.ts';

test('the published JSON Schema is that of the configuration', () => {
  const published: unknown = JSON.parse(
    readFileSync(new URL('../traffic-events.schema.json', import.meta.url), 'utf8'),
  );
  expect(published).toEqual(z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' }));
});
