import { expect, test } from 'vitest';
import { configJsonSchema } from './config.ts';

// `vitest run -u` writes it anew.
test('the published JSON Schema is that of the configuration', async () => {
  const text = `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../traffic-events.schema.json');
});
