export { accountKey, checkAccount } from './account.ts';
export { AccountClient } from './account-client.ts';
export { consentEndMs, consentUrl, exchangeCode } from './auth/consent.ts';
export { TrafficEventsClient } from './client.ts';
export { clockFromEnvironment, clockOrigin, systemClock } from './clock.ts';
export { canonicalLines, scanCanonicalCsv } from './csv/canonical-scan.ts';
export { locateRow } from './csv/locate-row.ts';
export { csvColumnNames, mergedCsv } from './csv/merged-csv.ts';
export { readCsv } from './csv/read-csv.ts';
export { onDisk } from './disk/on-disk.ts';
export { effectiveThreshold } from './data-sources/data-source.ts';
export { dataSources } from './data-sources/data-sources.ts';
export { dataSource } from './data-sources/find-data-source.ts';
export { AccessDeniedError } from './errors/access-denied-error.ts';
export { ApiClockSkewError } from './errors/api-clock-skew-error.ts';
export { CapacityError } from './errors/capacity-error.ts';
export { ConfigurationError } from './errors/configuration-error.ts';
export { ConnectionError } from './errors/connection-error.ts';
export { CreateOutcomeUnknownError } from './errors/create-outcome-unknown-error.ts';
export { CredentialsRefusedError } from './errors/credentials-refused-error.ts';
export { CsvCellError } from './errors/csv-cell-error.ts';
export { CsvFormatError } from './errors/csv-format-error.ts';
export { DiskError } from './errors/disk-error.ts';
export { DownloadFailedError } from './errors/download-failed-error.ts';
export { DownloadTooLargeError } from './errors/download-too-large-error.ts';
export { ExecutionDeadlineError } from './errors/execution-deadline-error.ts';
export { ExecutionDeniedError } from './errors/execution-denied-error.ts';
export { ExecutionNotFoundError } from './errors/execution-not-found-error.ts';
export { ListUnavailableError } from './errors/list-unavailable-error.ts';
export { RequestRefusedError } from './errors/request-refused-error.ts';
export { ResponseMalformedError } from './errors/response-malformed-error.ts';
export { ServiceUnavailableError } from './errors/service-unavailable-error.ts';
export { SqlRefusedError } from './errors/sql-refused-error.ts';
export { TrafficEventsError } from './errors/traffic-events-error.ts';
export { retryAfterOf } from './http/retry-timing.ts';
export { retrying } from './http/retrying.ts';
export { isOverlapRefusal } from './executions/overlap-refusal.ts';
export { silentLogger } from './logger.ts';
export { isMarketplaceCode, marketplace, marketplaces, regions } from './marketplace.ts';
export { buildAggregateQuery } from './sql/build-aggregate-query.ts';
export { flattenSql } from './sql/flatten-sql.ts';
export { checkSql, lintSql } from './sql/lint-sql.ts';
export { cleanText } from './text/clean-text.ts';

export type { Account, DspAccount, SponsoredAdsAccount } from './account.ts';
export type { CallOptions, CreateOptions } from './account-client.ts';
export type { CodeExchange, ConsentUrlOptions } from './auth/consent.ts';
export type { CapturedPair, Operation } from './capture/capture.ts';
export type { ClientOptions } from './client-options.ts';
export type { Clock, ClockOrigin } from './clock.ts';
export type {
  CreateExecutionRequest,
  IvtReportRequest,
  PageUrlReportRequest,
  RelativeWindow,
  ReportWindow,
  RequestWindow,
  SqlRequest,
} from './create-request.ts';
export type { CanonicalScan, CanonicalScanOptions, PickedCell } from './csv/canonical-scan.ts';
export type { CsvColumn } from './csv/csv-columns.ts';
export type { CsvRow } from './csv/csv-parser.ts';
export type { RowPlace } from './csv/locate-row.ts';
export type { CsvEscape } from './csv/quoted-cells.ts';
export type { ReadCsvOptions } from './csv/read-csv.ts';
export type {
  ColumnType,
  DataSource,
  DataSourceColumn,
  DataSourceName,
  Threshold,
} from './data-sources/data-source.ts';
export type { DiskPlace } from './disk/on-disk.ts';
export type { DownloadOptions } from './download/downloader.ts';
export type { DownloadUrls } from './download/url-collection.ts';
export type { DownloadedResult } from './download/downloaded-result.ts';
export type { DownloadedFile } from './download/fetch-part.ts';
export type { ErrorAction, ErrorCode, ErrorDetails } from './errors/traffic-events-error.ts';
export type { ExecutionState, ExecutionWindow, WorkflowExecution } from './execution.ts';
export type { EntityHeader } from './executions/account-headers.ts';
export type { ListEndpoint, ListFilter } from './executions/list-executions.ts';
export type { FailedTry } from './http/retrying.ts';
export type { RetryPolicy } from './http/retry-timing.ts';
export type { LogFields, Logger } from './logger.ts';
export type { Marketplace, MarketplaceCode, Region, RegionHosts } from './marketplace.ts';
export type { ProgressEvent, RunToCompletionOptions } from './polling/run-to-completion.ts';
export type { AggregateQuery } from './sql/build-aggregate-query.ts';
export type { SqlFinding, SqlRule } from './sql/lint-sql.ts';
