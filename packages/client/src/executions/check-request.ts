import type { Account } from '../account.ts';
import { accountKey } from '../account.ts';
import type { CreateExecutionRequest } from '../create-request.ts';
import { ConfigurationError } from '../errors/configuration-error.ts';
import { checkSql } from '../sql/lint-sql.ts';

const WORKFLOW_ID = /^[A-Za-z0-9._-]+$/;
const DAY_MS = 86_400_000;
const REPORT_WINDOWS: readonly string[] = ['MOST_RECENT_WEEK', 'CURRENT_MONTH'];

/**
 * Refuses what the API is certain to refuse, before a slot is spent on it: ConfigurationError for
 * arguments, SqlRefusedError for SQL.
 */
export function checkRequest(
  request: CreateExecutionRequest,
  account: Account,
  options: { readonly checkSql: boolean },
): void {
  if (!WORKFLOW_ID.test(request.workflowId)) {
    throw new ConfigurationError(
      `workflowId is ${JSON.stringify(request.workflowId)}; use letters, digits, ".", "_" and "-" only`,
    );
  }
  checkWindow(request);
  checkIds(request);
  if (request.kind === 'sql') {
    if (options.checkSql) checkSql(request.sqlQuery);
    return;
  }
  checkReport(request, account);
}

function checkWindow({ window }: CreateExecutionRequest): void {
  if (typeof window === 'string') return;
  const { startMs, endMs } = window;
  const whole = Number.isInteger(startMs / 1000) && Number.isInteger(endMs / 1000);
  if (whole && startMs < endMs) return;
  throw new ConfigurationError(
    `The window is ${startMs} to ${endMs} (epoch ms); give whole seconds, with start before end`,
  );
}

/** Numbers of JavaScript are rounded beyond 2^53: what is sent would be another one's id. */
function checkIds(request: CreateExecutionRequest): void {
  if (request.kind === 'sql') {
    for (const [name, value] of Object.entries(request.parameterValues ?? {})) {
      if (!Number.isInteger(value) || Number.isSafeInteger(value)) continue;
      throw new ConfigurationError(
        `parameterValues.${name} is a number beyond 2^53, which JavaScript has rounded; give it as text`,
      );
    }
  }
  if (request.kind !== 'page_url_report') return;
  const { campaignIds, lineItemIds } = request;
  for (const [name, ids] of Object.entries({ campaignIds, lineItemIds })) {
    const at = ids?.findIndex((id) => typeof id !== 'string') ?? -1;
    if (at === -1) continue;
    throw new ConfigurationError(
      `${name}[${at}] is of type ${typeof ids?.[at]}; give ids as text, for long numbers are rounded in JavaScript`,
    );
  }
}

function checkReport(
  request: Exclude<CreateExecutionRequest, { kind: 'sql' }>,
  account: Account,
): void {
  if (request.kind === 'page_url_report' && account.kind !== 'dsp') {
    throw new ConfigurationError(
      `The page URL report exists for DSP advertisers only; ${accountKey(account)} is a sponsored ads entity`,
    );
  }
  const { window } = request;
  if (typeof window === 'string') {
    if (REPORT_WINDOWS.includes(window)) return;
    throw new ConfigurationError(
      `A templated report cannot have the window ${window}; use an explicit one, ${REPORT_WINDOWS.join(' or ')}`,
    );
  }
  if (window.startMs % DAY_MS === 0 && window.endMs % DAY_MS === 0) return;
  throw new ConfigurationError(
    `The window of a templated report must begin and end at midnight UTC; it is ${new Date(window.startMs).toISOString()} to ${new Date(window.endMs).toISOString()}`,
  );
}
