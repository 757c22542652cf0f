import { expect, test } from 'vitest';
import { LEDGER_SCHEMA, RESERVED_COLUMNS, warehouseColumn } from './index.ts';

test('an API column of a reserved name becomes source_<name>, in any case', () => {
  expect(warehouseColumn('event_date')).toBe('source_event_date');
  expect(warehouseColumn('Event_Date')).toBe('source_Event_Date');
  expect(warehouseColumn('impressions')).toBe('impressions');
});

test('the ledger describes each of its columns', () => {
  for (const property of Object.values(LEDGER_SCHEMA.properties)) {
    expect(property.description).toMatch(/\.$/);
  }
  expect(RESERVED_COLUMNS).toContain('filtered');
});
