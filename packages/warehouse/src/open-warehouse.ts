import type { Warehouse, WarehousePlace } from './warehouse.ts';

type Environment = Readonly<Record<string, string | undefined>>;
type OpenWarehouse = (place: WarehousePlace, env: Environment) => Warehouse;

async function postgres(): Promise<OpenWarehouse> {
  return (await import('./postgres/postgres-warehouse.ts')).postgresWarehouse;
}

async function bigquery(): Promise<OpenWarehouse> {
  return (await import('./bigquery/bigquery-warehouse.ts')).bigqueryWarehouse;
}

/** By the scheme of URLs. A driver and its client are read only where they are used. */
const DRIVERS: ReadonlyMap<string, () => Promise<OpenWarehouse>> = new Map([
  ['bigquery:', bigquery],
  ['postgres:', postgres],
  ['postgresql:', postgres],
]);

export const WAREHOUSE_EXPECTED =
  'expected postgres://user:password@host:5432/database or bigquery://project/dataset';

/** Whether a URL names a warehouse that there is a driver for. */
export function isWarehouseUrl(url: string): boolean {
  return /^[a-z]+:\/\//.test(url) && DRIVERS.has(schemeOf(url));
}

/** The warehouse that a URL names. `env` has what a driver reads of the environment. */
export async function openWarehouse(place: WarehousePlace, env: Environment): Promise<Warehouse> {
  const driver = DRIVERS.get(schemeOf(place.url));
  if (driver === undefined) throw new TypeError(`warehouse: ${WAREHOUSE_EXPECTED}`);
  const open = await driver();
  return open(place, env);
}

function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(':') + 1);
}
