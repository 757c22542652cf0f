import { expect, test } from 'vitest';
import { z } from 'zod';
import { configSchema } from './config.ts';

// `vitest run -u` writes it anew.
test('the published JSON Schema is that of the configuration', async () => {
  const schema = z.toJSONSchema(configSchema, { io: 'input', unrepresentable: 'any' });
  const text = `${JSON.stringify(schema, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../traffic-events.schema.json');
});
