import { accountKey, TrafficEventsError } from '@traffic-events/client';
import type { Account, TrafficEventsClient } from '@traffic-events/client';
import { accountsOf, EXIT, exitCodeOfError, streamsOf } from '@traffic-events/program';
import type { ExitCode } from '@traffic-events/program';
import { openClient } from './connections.ts';
import type { Surroundings } from './connections.ts';
import { readWarehouseStatus } from './warehouse.ts';

/** One thing that was tried, and how it went. */
export interface CheckResult {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The exit code that a failure means. */
  readonly code: ExitCode;
}

/** Tries what a sync needs, all of it, and changes nothing anywhere. */
export async function runChecks(surroundings: Surroundings): Promise<CheckResult[]> {
  const client = openClient(surroundings);
  try {
    const results = [await attempt('streams', async () => namesOf(surroundings))];
    for (const account of accountsOf(surroundings.config)) {
      results.push(
        await attempt(`account ${accountKey(account)}`, () =>
          canAsk(client, account, surroundings),
        ),
      );
    }
    results.push(await attempt('warehouse', () => canRead(surroundings)));
    return results;
  } finally {
    await client.close();
  }
}

async function attempt(what: string, work: () => Promise<string>): Promise<CheckResult> {
  try {
    return { what, ok: true, detail: await work(), code: EXIT.done };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { what, ok: false, detail, code: exitCodeOfError(error) };
  }
}

async function namesOf({ config }: Surroundings): Promise<string> {
  return streamsOf(config)
    .map(({ name }) => name)
    .join(', ');
}

const NO_SUCH_EXECUTION = '00000000-0000-0000-0000-000000000000';

/** Asks for an execution that cannot exist: only who has access is told that there is none. */
async function canAsk(
  client: TrafficEventsClient,
  account: Account,
  { signal }: Surroundings,
): Promise<string> {
  try {
    await client.account(account).getExecution(NO_SUCH_EXECUTION, { signal });
  } catch (error) {
    const isUnknown = error instanceof TrafficEventsError && error.code === 'execution_not_found';
    if (!isUnknown) throw error;
  }
  return `the API answers; its time is ${new Date(client.apiTimeMs()).toISOString()}`;
}

async function canRead({ config }: Surroundings): Promise<string> {
  const partitions = await readWarehouseStatus(config);
  if (partitions.length === 0) return 'it can be reached; nothing has been loaded yet';
  return `it can be reached and holds ${partitions.length} streams of accounts`;
}
