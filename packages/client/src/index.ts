export { accountKey } from './account.ts';
export { clockFromEnvironment, systemClock } from './clock.ts';
export { dataSources } from './data-sources/data-sources.ts';
export { effectiveThreshold } from './data-sources/data-source.ts';
export { dataSource } from './data-sources/find-data-source.ts';
export { ConfigurationError } from './errors/configuration-error.ts';
export { TrafficEventsError } from './errors/traffic-events-error.ts';
export { isMarketplaceCode, marketplace, marketplaces, regions } from './marketplace.ts';

export type { Account, DspAccount, SponsoredAdsAccount } from './account.ts';
export type { Clock } from './clock.ts';
export type {
  CreateExecutionRequest,
  IvtReportRequest,
  PageUrlReportRequest,
  RelativeWindow,
  ReportWindow,
  RequestWindow,
  SqlRequest,
} from './create-request.ts';
export type {
  ColumnType,
  DataSource,
  DataSourceColumn,
  DataSourceName,
  Threshold,
} from './data-sources/data-source.ts';
export type { ErrorAction, ErrorCode, ErrorDetails } from './errors/traffic-events-error.ts';
export type { ExecutionState, ExecutionWindow, WorkflowExecution } from './execution.ts';
export type { Marketplace, MarketplaceCode, Region, RegionHosts } from './marketplace.ts';
