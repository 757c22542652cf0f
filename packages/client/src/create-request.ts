/** The instants [startMs, endMs) to query, in epoch ms; sent as UTC. */
export interface RequestWindow {
  readonly startMs: number;
  readonly endMs: number;
}

/** A window that the API reckons itself, by its own clock. */
export type RelativeWindow =
  | 'MOST_RECENT_HOUR'
  | 'MOST_RECENT_24_HOURS'
  | 'MOST_RECENT_DAY'
  | 'MOST_RECENT_WEEK'
  | 'CURRENT_MONTH'
  | 'PREVIOUS_MONTH';

interface CommonRequest {
  /** Unique per attempt: letters, digits, `.`, `_` and `-`. A lost create is looked up by it. */
  readonly workflowId: string;
  readonly window: RequestWindow | RelativeWindow;
  /** Keys to add to the body as they are, for what this package does not know. */
  readonly extraBody?: Readonly<Record<string, unknown>>;
}

/** Run a query of one's own. */
export interface SqlRequest extends CommonRequest {
  readonly kind: 'sql';
  /** Sent on one line; comments are dropped, strings kept. */
  readonly sqlQuery: string;
  /** Adds a column of this name: true for rows re-aggregated below the privacy threshold. */
  readonly filteredMetricsDiscriminatorColumn?: string;
  /** AMC only: a column with the row's distinct users, capped at its threshold. */
  readonly distinctUserCountColumn?: string;
  /** AMC only: a column that says why a row was filtered. */
  readonly filteredReasonColumn?: string;
  /** Values of CUSTOM_PARAMETER by exact name. */
  readonly parameterValues?: Readonly<Record<string, unknown>>;
  /** Run over missing data instead of waiting for it. */
  readonly ignoreDataGaps?: boolean;
  /** 900 to 86400; the API's own default is 21600. */
  readonly timeoutSeconds?: number;
  /** AMC only: validate without running; ends SUCCEEDED or REJECTED in seconds, without output. */
  readonly dryRun?: boolean;
}

/** Windows that templated reports accept. Bounds of an explicit one must be midnights, UTC. */
export type ReportWindow = RequestWindow | 'MOST_RECENT_WEEK' | 'CURRENT_MONTH';

/** The invalid traffic report of third-party vendors. */
export interface IvtReportRequest extends CommonRequest {
  readonly kind: 'ivt_report';
  readonly window: ReportWindow;
  readonly vendors?: readonly ('AdLoox' | 'IAS')[];
}

/** The report of page URLs on which ads were shown. DSP accounts only. */
export interface PageUrlReportRequest extends CommonRequest {
  readonly kind: 'page_url_report';
  readonly window: ReportWindow;
  readonly campaignIds?: readonly string[];
  readonly lineItemIds?: readonly string[];
}

export type CreateExecutionRequest = SqlRequest | IvtReportRequest | PageUrlReportRequest;
