import { expect, it } from 'vitest';

import { matchHeader } from './csv-columns.ts';

it('does without an optional column, but not without another', () => {
  const optional = { name: 'line_item', type: 'STRING', optional: true } as const;
  expect(matchHeader(['clicks'], [optional, { name: 'clicks', type: 'LONG' }], 'f')).toEqual([1]);
  expect(() => matchHeader(['clicks'], [{ ...optional, optional: false }], 'f')).toThrow(
    'f has no column line_item; its header is clicks',
  );
});
