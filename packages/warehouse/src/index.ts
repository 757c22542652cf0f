export {
  ConnectionError,
  DataRefusedError,
  LeaseBusyError,
  LeaseLostError,
  MessageOrderError,
  RecordError,
  SliceError,
  StaleRunError,
  StatementError,
  StreamSchemaError,
  WarehouseBehindError,
  WarehouseError,
  ZoneChangedError,
} from './errors.ts';

export type { Disposition } from './errors.ts';
export type { Logger } from './logger.ts';
