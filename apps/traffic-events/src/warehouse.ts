import { openWarehouse } from '@traffic-events/warehouse';
import type { Warehouse } from '@traffic-events/warehouse';
import type { Config } from './config.ts';

/** The warehouse that the configuration names; nothing is connected before it is asked for something. */
export function warehouseOf({
  warehouse: url,
  schema,
  nul_replacement,
}: Config): Promise<Warehouse> {
  return openWarehouse({ url, schema, nulReplacement: nul_replacement }, process.env);
}
