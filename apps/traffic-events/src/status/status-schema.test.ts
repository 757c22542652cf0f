import { expect, test } from 'vitest';
import { statusJsonSchema } from './status-schema.ts';

// `vitest run -u` writes it anew.
test('the published JSON Schema is that of status --json', async () => {
  const text = `${JSON.stringify(statusJsonSchema(), null, 2)}\n`;
  await expect(text).toMatchFileSnapshot('../../status.schema.json');
});
