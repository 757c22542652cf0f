import { expect, test } from 'vitest';
import { discoverCatalog, parseCatalog, selectStreams } from './catalog.ts';

const catalog = discoverCatalog([
  {
    stream: 'clicks',
    schema: { type: 'object', properties: { id: {}, name: {}, date: {} } },
    keyProperties: ['id'],
    automaticProperties: ['date'],
    replicationMethod: 'INCREMENTAL',
  },
  {
    stream: 'users',
    schema: { type: 'object', properties: { id: {} } },
    keyProperties: ['id'],
    replicationMethod: 'FULL_TABLE',
    selectedByDefault: false,
  },
]);

test('what was discovered is selected as it says', () => {
  const selected = selectStreams(parseCatalog(JSON.parse(JSON.stringify(catalog)), 'catalog.json'));
  expect(selected).toEqual([{ stream: 'clicks', properties: new Set(['id', 'name', 'date']) }]);
});

test('selected wins over the default, but automatic properties stay', () => {
  const edited = structuredClone(catalog);
  for (const entry of edited.streams) {
    for (const item of entry.metadata ?? []) {
      item.metadata.selected = entry.stream === 'users' ? true : item.breadcrumb.length === 0;
    }
  }
  expect(selectStreams(edited)).toEqual([
    { stream: 'clicks', properties: new Set(['id', 'date']) },
    { stream: 'users', properties: new Set(['id']) },
  ]);
});

test('a legacy catalog selects inside the schema', () => {
  const legacy = parseCatalog(
    {
      streams: [
        {
          tap_stream_id: 'a',
          schema: { selected: true, properties: { x: { selected: false }, y: {} } },
        },
        { tap_stream_id: 'b', schema: { selected: false } },
      ],
    },
    'catalog.json',
  );
  expect(selectStreams(legacy)).toEqual([{ stream: 'a', properties: new Set(['y']) }]);
});

test('a file that is no catalog is named', () => {
  expect(() => parseCatalog({ streams: [{}] }, 'c.json')).toThrow(
    'c.json is not a Singer catalog:',
  );
});

test('a stream that is automatic cannot be left out', () => {
  const ledger = discoverCatalog([
    {
      stream: 'ledger',
      schema: { type: 'object', properties: { id: {} } },
      keyProperties: ['id'],
      replicationMethod: 'INCREMENTAL',
      inclusion: 'automatic',
    },
  ]);
  const metadata = ledger.streams[0]?.metadata?.[0]?.metadata;
  expect(metadata?.inclusion).toBe('automatic');
  if (metadata) metadata.selected = false;
  expect(selectStreams(ledger)).toHaveLength(1);
});
