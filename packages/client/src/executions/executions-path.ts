/** Of create and, with an id behind it, of everything else. Lower case, as the samples have it. */
export const EXECUTIONS_PATH = '/avc/workflowexecutions';

export function executionPath(executionId: string): string {
  return `${EXECUTIONS_PATH}/${encodeURIComponent(executionId)}`;
}
