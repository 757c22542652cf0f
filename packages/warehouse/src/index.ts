export {
  WarehouseConnectionError,
  DataRefusedError,
  GranteeError,
  LeaseBusyError,
  LeaseLostError,
  MessageOrderError,
  NewerWarehouseError,
  RecordError,
  SliceError,
  StaleRunError,
  StatementError,
  StreamSchemaError,
  WarehouseBehindError,
  WarehouseError,
  ZoneChangedError,
} from './errors.ts';
export { isWarehouseUrl, openWarehouse, WAREHOUSE_EXPECTED } from './open-warehouse.ts';

export type { PartitionStatus } from './slices/partition-status.ts';
export type { Grantees, Warehouse, WarehousePlace, WarehouseSink } from './warehouse.ts';
export type { JobCost, WarehouseCosts } from './warehouse-costs.ts';
