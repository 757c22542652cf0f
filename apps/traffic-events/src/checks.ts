import { exitCodeOfError, EXIT } from '@traffic-events/program';
import {
  accountsOf,
  describeLostDates,
  describeNotCollected,
  listedStreams,
  lostDates,
  notCollected,
  refuseFutureStart,
  streamsOf,
} from '@traffic-events/program/extraction';
import { checkAccounts } from './checks/check-accounts.ts';
import { currenciesCheck } from './checks/check-currencies.ts';
import { checkFolders } from './checks/check-folders.ts';
import type { CheckResult, Finding } from './checks/check-result.ts';
import { equalTotals } from './checks/equal-totals.ts';
import type { CommandContext } from './connections.ts';
import { consentStanding, describeConsent } from './consent/consent-end.ts';
import { describeOutlook, lostAhead, outlook } from './outlook.ts';
import { warehouseOf } from './warehouse.ts';

/** How much `check` may do. */
export interface CheckOptions {
  /** Creates an execution for each account: only that shows that one may. */
  readonly create: boolean;
}

/** Tries what a sync needs, all of it; loads nothing. */
export async function runChecks(
  context: CommandContext,
  { create }: CheckOptions,
): Promise<CheckResult[]> {
  const { config } = context;
  const before = [
    await attempt('streams', () => streamsFinding(context)),
    await attempt('start_date', () => startFinding(context)),
    await attempt('consent', () => consentFinding(context)),
    ...(await checkAccounts(context, create)),
  ];
  const warehouse = [
    await attempt('warehouse', () => warehouseFinding(context)),
    await attempt('views', () => viewsFinding(context)),
    await attempt('currencies', () => currenciesCheck(config)),
    ...(await checkFolders(config)),
  ];
  // What lies ahead can only be told where everything else can be asked.
  const isAsked = [...before, ...warehouse].every(({ outcome }) => outcome !== 'failed');
  const ahead = isAsked
    ? [
        await attempt('next sync', () => aheadFinding(context)),
        await attempt('marketplaces', () => totalsFinding(context)),
      ]
    : [];
  return [...before, ...warehouse, ...ahead];
}

async function attempt(what: string, work: () => Finding | Promise<Finding>): Promise<CheckResult> {
  try {
    return { what, outcome: 'ok', next: null, code: EXIT.done, ...(await work()) };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { what, outcome: 'failed', detail, next: null, code: exitCodeOfError(error) };
  }
}

function streamsFinding({ config }: CommandContext): Finding {
  const streams = streamsOf(config);
  const left = describeNotCollected(notCollected(accountsOf(config), streams));
  return { detail: [streams.map(({ name }) => name).join(', '), ...left].join('\n') };
}

/** What a first run would not get is told here, where it can still be decided about. */
function startFinding({ config, clock }: CommandContext): Finding {
  const { start_date: start } = config;
  const accounts = accountsOf(config);
  const nowMs = clock.now();
  refuseFutureStart(start, accounts, nowMs);
  const streams = listedStreams(config).filter(({ isDefault }) => isDefault);
  const lost = describeLostDates(lostDates(start, { accounts, streams, nowMs }));
  if (lost.length === 0) return { detail: `${start}, all of which the API still has` };
  return {
    outcome: 'warning',
    detail: [`${start}; of what is not held already:`, ...lost].join('\n'),
    next: 'nothing brings those dates back; sync soon, so that no more of them go',
  };
}

function consentFinding({ config, clock }: CommandContext): Finding {
  const standing = consentStanding(config.credentials.consent_ends, clock.now());
  if (standing === null) {
    return {
      detail:
        'nobody has kept the day on which it ends (credentials.consent_ends); consents given since July 2026 end after 365 days',
    };
  }
  const detail = describeConsent(standing);
  return standing.is_due
    ? { outcome: 'warning', detail, next: 'traffic-events login' }
    : { detail };
}

async function warehouseFinding({ config }: CommandContext): Promise<Finding> {
  const warehouse = await warehouseOf(config);
  const partitions = await warehouse.readStatus();
  const lacking = await warehouse.checkRights();
  if (lacking.length > 0) {
    return {
      outcome: 'failed',
      detail: lacking.join('\n'),
      next: 'have the rights granted, then check again',
      code: EXIT.warehouse,
    };
  }
  const holds =
    partitions.length === 0
      ? 'nothing has been loaded yet'
      : `it holds ${partitions.length} streams of accounts`;
  return { detail: `it can be reached and written to; ${holds}` };
}

async function viewsFinding({ config }: CommandContext): Promise<Finding> {
  const warehouse = await warehouseOf(config);
  const lagging = await warehouse.laggingViews();
  if (lagging === undefined) {
    return { detail: 'none were made; traffic-events views makes them for BI tools' };
  }
  if (lagging.length === 0) return { detail: 'all are what this version makes of the tables' };
  return {
    outcome: 'warning',
    detail: `not what this version makes of the tables: ${lagging.join(', ')}`,
    next: 'traffic-events views',
  };
}

async function aheadFinding(context: CommandContext): Promise<Finding> {
  const outlooks = await outlook(context);
  const detail = describeOutlook(outlooks);
  if (lostAhead(outlooks).length === 0) return { detail };
  return { outcome: 'warning', detail, next: 'decide before the first sync what is to come first' };
}

async function totalsFinding({ config }: CommandContext): Promise<Finding> {
  const warehouse = await warehouseOf(config);
  const alike = equalTotals(await warehouse.readStatus());
  if (alike.length === 0) return { detail: 'no two accounts have the same totals' };
  return {
    outcome: 'warning',
    detail: alike.join('\n'),
    next: 'compare both in the advertising console: the same events may be there twice',
  };
}
