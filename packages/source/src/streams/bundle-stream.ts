/** Stands in a workflowId where the name of a stream does: the execution is of several. */
export const BUNDLE_STREAM = '_bundle';

/** Whether an execution is of several streams. */
export function isBundleId(workflowId: string | null): boolean {
  return workflowId?.startsWith(`te.${BUNDLE_STREAM}.`) === true;
}
