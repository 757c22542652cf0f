import { z } from 'zod';
import type { ExtraColumns } from '../sql/suppress.ts';
import { ApiError } from '../http/api-error.ts';
import { reportFields, reportSql, reportTypeOf } from './report-request.ts';
import type { ReportType } from './report-request.ts';
import { timeWindowFields } from './time-window.ts';
import type { TimeWindowFields } from './time-window.ts';

const workflowFields = {
  workflowId: z.string().nullish(),
  sqlQuery: z.string().nullish(),
  filteredMetricsDiscriminatorColumn: z.string().nullish(),
  distinctUserCountColumn: z.string().nullish(),
  filteredReasonColumn: z.string().nullish(),
  inputParameters: z
    .array(z.object({ name: z.string(), defaultValue: z.unknown().optional() }))
    .nullish(),
  /** Features of the sibling service that are not built. */
  query: z.string().nullish(),
  outputFormat: z.unknown().optional(),
  privacyFilteringBehavior: z.string().nullish(),
};

const createSchema = z.object({
  ...workflowFields,
  ...timeWindowFields,
  ...reportFields,
  workflow: z.object(workflowFields).nullish(),
  parameterValues: z.record(z.string(), z.unknown()).nullish(),
  ignoreDataGaps: z.boolean().nullish(),
  dryRun: z.boolean().nullish(),
  workflowExecutionTimeoutSeconds: z.number().nullish(),
});

/** A create, whichever of the documented shapes it came in. */
export interface CreateRequest {
  readonly workflowId: string | null;
  readonly sqlQuery: string;
  readonly discriminatorColumn: string | undefined;
  readonly extraColumns: ExtraColumns;
  /** The templated report that is asked for; then `sqlQuery` is what makes it. */
  readonly report: ReportType | null;
  readonly parameterValues: Readonly<Record<string, unknown>>;
  readonly window: TimeWindowFields;
  readonly dryRun: boolean;
  readonly ignoreDataGaps: boolean;
  readonly timeoutSeconds: number;
}

/** As samples of the documentation have it. */
const DEFAULT_TIMEOUT_SECONDS = 21_600;

const WORKFLOW_ID = /^[A-Za-z0-9._-]+$/;

/** Throws ApiError 400 for a body that the API would not accept. */
export function createRequestOf(body: unknown): CreateRequest {
  const parsed = createSchema.safeParse(body);
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error));
  const { workflow, ...outer } = parsed.data;
  const workflowId = outer.workflowId ?? workflow?.workflowId ?? null;
  if (workflowId !== null && !WORKFLOW_ID.test(workflowId)) {
    throw new ApiError(
      400,
      `workflowId '${workflowId}' may have letters, digits, '.', '-' and '_'`,
    );
  }
  const common = {
    workflowId,
    parameterValues: {
      ...defaultValues({ ...outer, ...workflow }),
      ...outer.parameterValues,
    },
    window: outer,
    dryRun: outer.dryRun ?? false,
    ignoreDataGaps: outer.ignoreDataGaps ?? false,
    timeoutSeconds: outer.workflowExecutionTimeoutSeconds ?? DEFAULT_TIMEOUT_SECONDS,
  };
  const report = reportTypeOf(outer);
  if (report === null) return { ...common, report, ...queryFields({ ...outer, ...workflow }) };
  const sqlQuery = reportSql(report, outer);
  const extraColumns = { reason: 'filtered_reason' };
  return { ...common, report, sqlQuery, discriminatorColumn: undefined, extraColumns };
}

type WorkflowFields = Partial<z.output<typeof createSchema>>;

/** Values given with the execution win over the defaults of the workflow. */
function defaultValues({ inputParameters }: WorkflowFields): Record<string, unknown> {
  const declared = (inputParameters ?? []).filter((each) => each.defaultValue !== undefined);
  return Object.fromEntries(declared.map((each) => [each.name, each.defaultValue]));
}

function refuseNotBuilt(fields: WorkflowFields): void {
  const missing = [
    ...(fields.query == null ? [] : ['query in base64']),
    ...(fields.outputFormat == null ? [] : ['outputFormat']),
    ...(fields.privacyFilteringBehavior === 'REMOVE_VALUES' ? ['REMOVE_VALUES'] : []),
  ];
  if (missing.length === 0) return;
  throw new ApiError(501, `The simulator does not know ${missing.join(' and ')} yet`);
}

function queryFields(fields: WorkflowFields) {
  refuseNotBuilt(fields);
  const { sqlQuery } = fields;
  if (sqlQuery == null || sqlQuery === '') throw new ApiError(400, 'sqlQuery is required');
  return {
    sqlQuery,
    discriminatorColumn: fields.filteredMetricsDiscriminatorColumn ?? undefined,
    extraColumns: {
      userCount: fields.distinctUserCountColumn ?? undefined,
      reason: fields.filteredReasonColumn ?? undefined,
    },
  };
}
