import { z } from 'zod';
import { ApiError } from '../http/api-error.ts';
import { timeWindowFields } from './time-window.ts';
import type { TimeWindowFields } from './time-window.ts';

const workflowFields = {
  workflowId: z.string().nullish(),
  sqlQuery: z.string().nullish(),
  filteredMetricsDiscriminatorColumn: z.string().nullish(),
  distinctUserCountColumn: z.string().nullish(),
  filteredReasonColumn: z.string().nullish(),
};

const createSchema = z.object({
  ...workflowFields,
  ...timeWindowFields,
  workflow: z.object(workflowFields).nullish(),
  workflowType: z.string().nullish(),
  parameterValues: z.record(z.string(), z.unknown()).nullish(),
  ignoreDataGaps: z.boolean().nullish(),
  dryRun: z.boolean().nullish(),
  timeoutSeconds: z.number().nullish(),
});

/** A create, whichever of the documented shapes it came in. */
export interface CreateRequest {
  readonly workflowId: string | null;
  readonly sqlQuery: string;
  readonly discriminatorColumn: string | undefined;
  readonly parameterValues: Readonly<Record<string, unknown>>;
  readonly window: TimeWindowFields;
  readonly dryRun: boolean;
}

const WORKFLOW_ID = /^[A-Za-z0-9._-]+$/;

/** Throws ApiError 400 for a body that the API would not accept. */
export function createRequestOf(body: unknown): CreateRequest {
  const parsed = createSchema.safeParse(body);
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error));
  const { workflow, ...outer } = parsed.data;
  const sqlQuery = workflow?.sqlQuery ?? outer.sqlQuery ?? '';
  const workflowId = outer.workflowId ?? workflow?.workflowId ?? null;
  if (sqlQuery === '') throw new ApiError(400, 'sqlQuery is required');
  if (workflowId !== null && !WORKFLOW_ID.test(workflowId)) {
    throw new ApiError(
      400,
      `workflowId '${workflowId}' may have letters, digits, '.', '-' and '_'`,
    );
  }
  return {
    workflowId,
    sqlQuery,
    discriminatorColumn:
      workflow?.filteredMetricsDiscriminatorColumn ??
      outer.filteredMetricsDiscriminatorColumn ??
      undefined,
    parameterValues: outer.parameterValues ?? {},
    window: outer,
    dryRun: outer.dryRun ?? false,
  };
}
