import { EXIT, exitCodeOfError } from '@traffic-events/program';
import {
  accountsOf,
  describeLostDates,
  describeNotCollected,
  listedStreams,
  lostDates,
  notCollected,
  probeAccounts,
  refuseFutureStart,
  streamsOf,
} from '@traffic-events/program/extraction';
import type { ExitCode } from '@traffic-events/program';
import { openApi } from './connections.ts';
import type { CommandContext } from './connections.ts';
import { warehouseOf } from './warehouse.ts';

const NEXT_LINE = '\n          ';

/** One thing that was tried, and how it went. */
export interface CheckResult {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The exit code that a failure means. */
  readonly code: ExitCode;
}

/** Tries what a sync needs, all of it, and changes nothing anywhere. */
export async function runChecks(context: CommandContext): Promise<CheckResult[]> {
  return [
    await attempt('streams', async () => namesOf(context)),
    await attempt('start_date', async () => startOf(context)),
    ...(await checkAccounts(context)),
    await attempt('warehouse', () => canRead(context)),
  ];
}

async function attempt(what: string, work: () => Promise<string>): Promise<CheckResult> {
  try {
    return { what, ok: true, detail: await work(), code: EXIT.done };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { what, ok: false, detail, code: exitCodeOfError(error) };
  }
}

async function namesOf({ config }: CommandContext): Promise<string> {
  const streams = streamsOf(config);
  const left = describeNotCollected(notCollected(accountsOf(config), streams));
  return [streams.map(({ name }) => name).join(', '), ...left].join(NEXT_LINE);
}

/** What a first run would not get is told here, where it can still be decided about. */
function startOf({ config, clock }: CommandContext): string {
  const accounts = accountsOf(config);
  const nowMs = clock.now();
  refuseFutureStart(config.start_date, accounts, nowMs);
  const streams = listedStreams(config).filter(({ isDefault }) => isDefault);
  const lost = describeLostDates(lostDates(config.start_date, { accounts, streams, nowMs }));
  if (lost.length === 0) return `${config.start_date}, all of which the API still has`;
  return [`${config.start_date}; of what is not held already:`, ...lost].join(NEXT_LINE);
}

async function checkAccounts(context: CommandContext): Promise<CheckResult[]> {
  const client = openApi(context);
  try {
    const accounts = accountsOf(context.config);
    const probes = await probeAccounts(client, accounts, context.signal);
    return probes.map(({ accountId, reason, code }) => ({
      what: `account ${accountId}`,
      ok: reason === null,
      detail: reason ?? `the API answers; its time is ${toIso(client.apiTimeMs())}`,
      code,
    }));
  } finally {
    await client.close();
  }
}

function toIso(instantMs: number): string {
  return new Date(instantMs).toISOString();
}

async function canRead({ config }: CommandContext): Promise<string> {
  const warehouse = await warehouseOf(config);
  const partitions = await warehouse.readStatus();
  if (partitions.length === 0) return 'it can be reached; nothing has been loaded yet';
  return `it can be reached and holds ${partitions.length} streams of accounts`;
}
