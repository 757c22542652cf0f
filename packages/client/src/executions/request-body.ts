import type {
  CreateExecutionRequest,
  PageUrlReportRequest,
  RequestWindow,
  SqlRequest,
} from '../create-request.ts';
import { flattenSql } from '../sql/flatten-sql.ts';
import { formatLocal } from './instant.ts';

export interface BodyStyle {
  /** How the time window is sent: as an object, or as `timeWindow...` keys beside the others. */
  readonly createBody: 'nested' | 'flat';
  /** `campaignIds` and `lineItemIds`, or the singular that one sample has. */
  readonly pageUrlIds: 'plural' | 'singular';
}

/** The JSON body of a create. Explicit windows go out as UTC instants, so that no zone can be lost. */
export function createBody(
  request: CreateExecutionRequest,
  style: BodyStyle,
): Record<string, unknown> {
  return {
    workflowId: request.workflowId,
    ...kindFields(request, style),
    ...windowFields(request.window, style),
    ...request.extraBody,
  };
}

function kindFields(request: CreateExecutionRequest, style: BodyStyle): Record<string, unknown> {
  if (request.kind === 'sql') return sqlFields(request);
  if (request.kind === 'page_url_report') return pageUrlFields(request, style);
  return defined({ reportType: 'IVT_REPORT', vendors: request.vendors });
}

function sqlFields(request: SqlRequest): Record<string, unknown> {
  return defined({
    sqlQuery: flattenSql(request.sqlQuery),
    filteredMetricsDiscriminatorColumn: request.filteredMetricsDiscriminatorColumn,
    distinctUserCountColumn: request.distinctUserCountColumn,
    filteredReasonColumn: request.filteredReasonColumn,
    parameterValues: request.parameterValues,
    ignoreDataGaps: request.ignoreDataGaps,
    workflowExecutionTimeoutSeconds: request.timeoutSeconds,
    dryRun: request.dryRun,
  });
}

function pageUrlFields(request: PageUrlReportRequest, style: BodyStyle): Record<string, unknown> {
  const { campaignIds, lineItemIds } = request;
  return defined(
    style.pageUrlIds === 'plural'
      ? { reportType: 'PAGE_URL_REPORT', campaignIds, lineItemIds }
      : { reportType: 'PAGE_URL_REPORT', campaignId: campaignIds, lineItemId: lineItemIds },
  );
}

function windowFields(window: RequestWindow | string, style: BodyStyle): Record<string, unknown> {
  const { type, timezone, start, end } = windowParts(window);
  return style.createBody === 'nested'
    ? { timeWindow: defined({ type, timezone, start, end }) }
    : defined({
        timeWindowType: type,
        timeWindowTimeZone: timezone,
        timeWindowStart: start,
        timeWindowEnd: end,
      });
}

interface WindowParts {
  readonly type: string;
  readonly timezone: string;
  readonly start?: string;
  readonly end?: string;
}

function windowParts(window: RequestWindow | string): WindowParts {
  if (typeof window === 'string') return { type: window, timezone: 'UTC' };
  return {
    type: 'EXPLICIT',
    timezone: 'UTC',
    start: formatLocal(window.startMs),
    end: formatLocal(window.endMs),
  };
}

function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
