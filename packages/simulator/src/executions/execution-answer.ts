import type { Execution } from './execution.ts';

/** An execution as the API answers it, nested or flat (API.md 1.6, row 7). */
export function executionAnswer(execution: Execution, nowMs: number): Record<string, unknown> {
  if (execution.account.behaviour.responseShape === 'flat') return flatExecution(execution, nowMs);
  const { window } = execution;
  const timeWindow = { type: window.type, ...windowBounds(execution) };
  if (execution.request.report !== null) {
    return { workflowExecution: { ...reportFields(execution, nowMs), timeWindow } };
  }
  return {
    workflowExecution: {
      ...commonFields(execution, nowMs),
      timeWindow: {
        ...timeWindow,
        startOriginal: window.startOriginal,
        endOriginal: window.endOriginal,
        timeZoneOriginal: window.timeZone,
      },
    },
  };
}

/** The flat form; lists have it whatever the create answers. */
export function flatExecution(execution: Execution, nowMs: number): Record<string, unknown> {
  const { window, account } = execution;
  const { start, end } = windowBounds(execution);
  return {
    ...commonFields(execution, nowMs),
    timeWindowType: window.type,
    timeWindowStart: start,
    timeWindowEnd: end,
    timeWindowStartOriginal: window.startOriginal,
    timeWindowEndOriginal: window.endOriginal,
    timeWindowTimeZoneOriginal: window.timeZone,
    executionCategory: 'AD_HOC',
    dataGaps: account.behaviour.dataGaps,
    ignoreDataGaps: execution.request.ignoreDataGaps,
  };
}

/** The answer without fields of the execution in it, which may be nested. */
export function withoutFields(
  answer: Record<string, unknown>,
  fields: readonly string[],
): Record<string, unknown> {
  const kept = Object.entries(answer).filter(([name]) => !fields.includes(name));
  return Object.fromEntries(
    kept.map(([name, value]) => [
      name,
      name === 'workflowExecution'
        ? withoutFields(value as Record<string, unknown>, fields)
        : value,
    ]),
  );
}

function commonFields(execution: Execution, nowMs: number): Record<string, unknown> {
  const { account } = execution;
  const reason = execution.reasonAt(nowMs);
  return {
    workflowExecutionId: execution.id,
    workflowId: execution.workflowId,
    status: execution.shownStatusAt(nowMs),
    createTime: utc(execution, execution.createTimeMs),
    lastUpdatedTime: utc(execution, execution.lastUpdatedMs(nowMs)),
    expireTime: utc(execution, execution.expireTimeMs),
    workflowExecutionTimeoutSeconds: execution.request.timeoutSeconds,
    ...(account.behaviour.dataGaps.length > 0 && { dataGaps: account.behaviour.dataGaps }),
    ...(reason !== undefined && { [account.behaviour.reasonKey]: reason }),
  };
}

/** The samples of templated reports leave out most fields (API.md 1.6, row 16). */
function reportFields(execution: Execution, nowMs: number): Record<string, unknown> {
  const { workflowExecutionId, status, createTime, lastUpdatedTime, ...others } = commonFields(
    execution,
    nowMs,
  );
  const { reasonKey } = execution.account.behaviour;
  const reason = others[reasonKey];
  return {
    workflowExecutionId,
    reportType: execution.request.report,
    status,
    createTime,
    lastUpdatedTime,
    ...(reason !== undefined && { [reasonKey]: reason }),
  };
}

/** The bounds of the window, as text, as seconds of the epoch, or left to their local form. */
function windowBounds(execution: Execution): { start?: string | number; end?: string | number } {
  const { startMs, endMs } = execution.window;
  const { windowBounds: form } = execution.account.behaviour;
  if (form === 'local') return {};
  if (form === 'epoch') return { start: startMs / 1000, end: endMs / 1000 };
  return { start: utc(execution, startMs), end: utc(execution, endMs) };
}

function utc(execution: Execution, ms: number): string {
  const text = new Date(ms).toISOString();
  const { timestampPrecision } = execution.account.behaviour;
  return timestampPrecision === 'milliseconds' ? text : `${text.slice(0, 19)}Z`;
}
