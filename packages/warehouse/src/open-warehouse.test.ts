import { expect, test } from 'vitest';
import { isWarehouseUrl, openWarehouse } from './open-warehouse.ts';

test.each([
  ['postgres://user@host/database', true],
  ['postgresql://user@host/database', true],
  ['bigquery://project/dataset', true],
  ['mysql://user@host/database', false],
  ['postgres', false],
  ['', false],
])('%s names a warehouse: %s', (url, isOne) => {
  expect(isWarehouseUrl(url)).toBe(isOne);
});

test('what no driver knows is refused, with what would be right', async () => {
  await expect(openWarehouse({ url: 'mysql://host/database' }, {})).rejects.toThrow(
    'warehouse: expected postgres://user:password@host:5432/database or bigquery://project/dataset',
  );
});

test('rights go to roles in PostgreSQL, and to principals in BigQuery', async () => {
  const postgres = await openWarehouse({ url: 'postgres://host/database', schema: 'own' }, {});
  const [role] = postgres.grantStatements({ reader: 'b$$i' });
  expect(role).toMatch(/^DO \$do1\$ .*CREATE ROLE "b\$\$i" NOLOGIN;.* \$do1\$$/s);
  const bigquery = await openWarehouse({ url: 'bigquery://project/dataset' }, {});
  expect(() => bigquery.grantStatements({ reader: 'bi' })).toThrow(
    'reader: BigQuery grants rights to principals; expected user:NAME@DOMAIN',
  );
});
