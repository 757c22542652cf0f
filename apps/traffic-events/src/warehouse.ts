import { openWarehouse } from '@traffic-events/warehouse';
import type { Warehouse } from '@traffic-events/warehouse';
import type { Config } from './config.ts';

/** The warehouse that the configuration names; nothing is connected before it is asked for something. */
export function warehouseOf({
  warehouse: url,
  schema,
  lock_timeout_seconds: lockTimeout,
  nul_replacement,
}: Config): Promise<Warehouse> {
  const lockTimeoutMs = lockTimeout === undefined ? undefined : Math.round(lockTimeout * 1000);
  const place = { url, schema, lockTimeoutMs, nulReplacement: nul_replacement };
  return openWarehouse(place, process.env);
}
