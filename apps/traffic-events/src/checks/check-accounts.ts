import { randomUUID } from 'node:crypto';
import {
  accountKey,
  AccessDeniedError,
  CapacityError,
  TrafficEventsError,
} from '@traffic-events/client';
import type { Account, TrafficEventsClient } from '@traffic-events/client';
import { EXIT, exitCodeOfError } from '@traffic-events/program';
import {
  accountsOf,
  listedStreams,
  PROBE_PATIENCE_MS,
  probeAccounts,
  severalAtATime,
} from '@traffic-events/program/extraction';
import type { AccountProbe } from '@traffic-events/program/extraction';
import { addDays, eventDateAt, windowOf } from '@traffic-events/slice';
import { withStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { openApi } from '../connections.ts';
import type { CommandContext } from '../connections.ts';
import type { CheckResult } from './check-result.ts';

/** What API.md 1.1 asks for, by the kind of account. */
const PERMISSIONS: Readonly<Record<Account['kind'], string>> = {
  dsp: 'view_performance_dashboard',
  sponsored_ads:
    'one of advertiser_campaign_view, advertiser_campaign_edit, nemo_report_view, nemo_report_edit',
};

/** Of everything that has arrived in full: the events of that day before today. */
const DAYS_BACK = 4;

/** Asks the API about each account, and, if it may, for an execution of it; then about the clock. */
export async function checkAccounts(
  context: CommandContext,
  create: boolean,
): Promise<CheckResult[]> {
  const client = openApi(context, PROBE_PATIENCE_MS);
  const streams = listedStreams(context.config).filter(({ isDefault }) => isDefault);
  const accounts = accountsOf(context.config);
  try {
    const probes = await probeAccounts(client, accounts, context.signal);
    const results = await severalAtATime([...accounts.entries()], ([index, account]) =>
      checkAccount(context, client, { account, streams, create, probe: probes[index] }),
    );
    return [...results, ...clockResult(context, client, results)];
  } finally {
    await client.close();
  }
}

interface AskedAccount {
  readonly account: Account;
  readonly streams: readonly StreamDefinition[];
  readonly create: boolean;
  readonly probe: AccountProbe | undefined;
}

async function checkAccount(
  { signal, clock }: CommandContext,
  client: TrafficEventsClient,
  { account, streams, create, probe }: AskedAccount,
): Promise<CheckResult> {
  const what = `account ${accountKey(account)}`;
  const result = (detail: string): CheckResult => ({
    what,
    outcome: 'ok',
    detail,
    next: null,
    code: EXIT.done,
  });
  if (probe !== undefined && probe.reason !== null) {
    const next = probe.code === EXIT.service ? permission(account) : null;
    return { what, outcome: 'failed', detail: probe.reason, next, code: probe.code };
  }
  const query = sqlOf(account, streams);
  if (!create || query === undefined) return result('the API answers');
  try {
    const date = addDays(eventDateAt(clock.now(), account.timeZone), -DAYS_BACK);
    const window = windowOf(date, account.timeZone);
    const { id } = await client
      .account(account)
      .createExecution(
        { kind: 'sql', workflowId: `check-${randomUUID()}`, sqlQuery: query, window },
        { signal, slotTimeoutMs: 0 },
      );
    return result(`the API answers, and has taken execution ${id} of ${date}`);
  } catch (error) {
    if (error instanceof CapacityError) {
      return result(
        'the API answers; whether it takes executions is not known, for other programs hold all slots',
      );
    }
    if (!(error instanceof TrafficEventsError)) throw error;
    const next = error instanceof AccessDeniedError ? permission(account) : null;
    const code = exitCodeOfError(error);
    return { what, outcome: 'failed', detail: error.message, next, code };
  }
}

function permission({ kind }: Account): string {
  return `if access is what is missing, give the user who consented ${PERMISSIONS[kind]} for the account`;
}

/** The first query that a sync would send; undefined where it sends reports alone. */
function sqlOf(account: Account, streams: readonly StreamDefinition[]): string | undefined {
  const queries = [...withStreams(account, streams).streams.values()].map(
    ({ definition }) => definition.query,
  );
  return queries.find((query) => query.kind === 'sql')?.sqlQuery;
}

/** Only where the API has answered is there a clock to compare with. */
function clockResult(
  { clock }: CommandContext,
  client: TrafficEventsClient,
  accounts: readonly CheckResult[],
): CheckResult[] {
  if (!accounts.some(({ outcome }) => outcome === 'ok')) return [];
  const seconds = Math.round((client.apiTimeMs() - clock.now()) / 1000);
  const detail = `the API's clock differs from this machine's by ${Math.abs(seconds)} seconds`;
  const isFar = Math.abs(seconds) > MAX_SKEW_SECONDS;
  return [
    {
      what: 'clock',
      outcome: isFar ? 'warning' : 'ok',
      detail,
      next: isFar ? 'set the clock of this machine: at five minutes a run stops' : null,
      code: EXIT.done,
    },
  ];
}

const MAX_SKEW_SECONDS = 60;
