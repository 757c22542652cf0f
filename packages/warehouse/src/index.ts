export { checkRename } from './audit/account-change.ts';
export { rawResultKey } from './audit/verify-slices.ts';
export {
  AccountChangeError,
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
export { metricsOf, tablesOf } from './views/daily-view.ts';
export { DAILY_VIEWS } from './views/daily-views.ts';
export { joinStandings } from './reading/ledger-coverage.ts';
export { isWarehouseUrl, openWarehouse, WAREHOUSE_EXPECTED } from './open-warehouse.ts';

export type { AccountChange } from './audit/account-change.ts';
export type { TableRows } from './audit/administration.ts';
export type { SliceDifference, Verification } from './audit/verify-slices.ts';
export type { LedgerStanding, StandingSpan } from './reading/ledger-coverage.ts';
export type {
  Campaign,
  Extraction,
  HeldRows,
  ReadModel,
  RunEntries,
  StreamCoverage,
  ViewsStanding,
} from './reading/read-model.ts';
export type { TrendDay } from './reading/trend.ts';
export type { TrendRange } from './reading/trend-sql.ts';
export type { PartitionStatus } from './slices/partition-status.ts';
export type { DailyView } from './views/daily-view.ts';
export type { ExchangeRate, ViewSettings } from './views/exchange-rate.ts';
export type { Grantees, Warehouse, WarehousePlace, WarehouseSink } from './warehouse.ts';
export type { JobCost, WarehouseCosts } from './warehouse-costs.ts';
