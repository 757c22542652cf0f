import type { EventDate } from '@traffic-events/slice';

/** What a workflowId says: enough to recognise an execution whose answer or state was lost. */
export interface WorkflowIdParts {
  readonly stream: string;
  readonly eventDate: EventDate;
  readonly fingerprint: string;
  /** Counts the creates of a slice within its run, from 1. */
  readonly attempt: number;
  readonly runId: string;
}

const PATTERN =
  /^te\.(?<stream>[A-Za-z0-9_-]+)\.(?<date>\d{4}-\d{2}-\d{2})\.(?<fingerprint>[0-9a-f]{16})\.(?<attempt>\d+)\.(?<run>[A-Za-z0-9_-]+)$/;

/** `te.<stream>.<date>.<fingerprint>.<attempt>.<run>`: the API takes letters, digits and `. - _`. */
export function formatWorkflowId(parts: WorkflowIdParts): string {
  const { stream, eventDate, fingerprint, attempt, runId } = parts;
  return `te.${stream}.${eventDate}.${fingerprint}.${attempt}.${runId}`;
}

/** Undefined for a workflowId that another program gave. */
export function parseWorkflowId(workflowId: string): WorkflowIdParts | undefined {
  const groups = PATTERN.exec(workflowId)?.groups;
  if (groups === undefined) return undefined;
  const { stream = '', date = '', fingerprint = '', attempt = '', run = '' } = groups;
  return { stream, eventDate: date, fingerprint, attempt: Number(attempt), runId: run };
}
