import { z } from 'zod';
import type { SimulatedAccount } from '../accounts/account.ts';
import { reportColumns } from '../events/report-tables.ts';
import type { IvtVendor, ReportTable } from '../events/report-tables.ts';
import { ApiError } from '../http/api-error.ts';
import type { TimeWindow } from './time-window.ts';

const ids = z.union([z.array(z.coerce.string()), z.coerce.string().transform((id) => [id])]);

/** Fields of a create that asks for a templated report. Both spellings of the ids occur. */
export const reportFields = {
  reportType: z.string().nullish(),
  vendors: z.array(z.string()).nullish(),
  campaignIds: ids.nullish(),
  lineItemIds: ids.nullish(),
  campaignId: ids.nullish(),
  lineItemId: ids.nullish(),
};

const reportSchema = z.object(reportFields);

export type ReportFields = z.output<typeof reportSchema>;

export type ReportType = 'IVT_REPORT' | 'PAGE_URL_REPORT';

const TABLES: Readonly<Record<ReportType, ReportTable>> = {
  IVT_REPORT: 'ivt_report',
  PAGE_URL_REPORT: 'page_url_report',
};

const WINDOW_TYPES = ['EXPLICIT', 'MOST_RECENT_WEEK', 'CURRENT_MONTH'];
const VENDORS: readonly string[] = ['AdLoox', 'IAS'];

/** Which report a create asks for; null when it asks for none. Throws ApiError 400 when unknown. */
export function reportTypeOf(fields: ReportFields): ReportType | null {
  if (fields.reportType == null) return null;
  if (Object.hasOwn(TABLES, fields.reportType)) return fields.reportType as ReportType;
  throw new ApiError(
    400,
    `reportType '${fields.reportType}' must be IVT_REPORT or PAGE_URL_REPORT`,
  );
}

export function reportTable(report: ReportType): ReportTable {
  return TABLES[report];
}

/** The query behind a report. Throws ApiError 400 for filters that it does not have. */
export function reportSql(report: ReportType, fields: ReportFields): string {
  const table = TABLES[report];
  const { dimensions, metrics } = reportColumns(table, vendorsOf(fields));
  const sums = metrics.map((metric) => `SUM(${metric}) AS ${metric}`);
  const filters = report === 'PAGE_URL_REPORT' ? pageUrlFilters(fields) : [];
  const where = filters.length === 0 ? '' : ` WHERE ${filters.join(' AND ')}`;
  return `SELECT ${[...dimensions, ...sums].join(', ')} FROM ${table}${where} GROUP BY ${dimensions.join(', ')}`;
}

/** Throws ApiError 400 for an account or a window that the report does not allow (API.md 1.6). */
export function checkReport(
  report: ReportType,
  account: SimulatedAccount,
  window: TimeWindow,
): void {
  if (report === 'PAGE_URL_REPORT' && account.kind !== 'dsp') {
    throw new ApiError(400, 'PAGE_URL_REPORT is only available to DSP advertisers');
  }
  if (!WINDOW_TYPES.includes(window.type)) {
    throw new ApiError(
      400,
      `timeWindow type must be one of ${WINDOW_TYPES.join(', ')} for ${report}`,
    );
  }
  if (window.type !== 'EXPLICIT') return;
  for (const bound of [window.startOriginal, window.endOriginal]) {
    if (!bound.endsWith('T00:00:00')) {
      throw new ApiError(400, `timeWindow '${bound}' must be in the following format 00:00:00`);
    }
  }
}

function vendorsOf(fields: ReportFields): IvtVendor[] {
  const vendors = fields.vendors ?? VENDORS;
  const unknown = vendors.find((vendor) => !VENDORS.includes(vendor));
  if (unknown !== undefined) {
    throw new ApiError(400, `vendor '${unknown}' must be one of ${VENDORS.join(', ')}`);
  }
  return vendors as IvtVendor[];
}

function pageUrlFilters(fields: ReportFields): string[] {
  return [
    ...idFilter('campaign_id', fields.campaignIds ?? fields.campaignId),
    ...idFilter('line_item_id', fields.lineItemIds ?? fields.lineItemId),
  ];
}

function idFilter(column: string, wanted: readonly string[] | null | undefined): string[] {
  if (wanted == null || wanted.length === 0) return [];
  const wrong = wanted.find((id) => !/^\d{1,19}$/.test(id));
  if (wrong !== undefined) throw new ApiError(400, `'${wrong}' is no id`);
  return [`${column} IN (${wanted.join(', ')})`];
}
