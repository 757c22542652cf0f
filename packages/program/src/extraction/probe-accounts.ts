import { accountKey, TrafficEventsError } from '@traffic-events/client';
import type { Account, TrafficEventsClient } from '@traffic-events/client';

import { EXIT } from '../exit/exit-code.ts';
import type { ExitCode } from '../exit/exit-code.ts';
import { exitCodeOfError } from '../exit/exit-code-of-error.ts';

/** Whoever asks whether the API is there waits for the answer: for each account, in ms of the clock. */
export const PROBE_PATIENCE_MS = 10_000;

/** Whether one account can be asked. */
export interface AccountProbe {
  readonly accountId: string;
  /** Why it cannot be asked; null where it can. */
  readonly reason: string | null;
  readonly code: ExitCode;
}

/** Asks the API about each account, creating nothing: only its own answer counts. */
export async function probeAccounts(
  client: TrafficEventsClient,
  accounts: readonly Account[],
  signal: AbortSignal,
): Promise<AccountProbe[]> {
  const probes: AccountProbe[] = [];
  for (const account of accounts) probes.push(await probeAccount(client, account, signal));
  return probes;
}

async function probeAccount(
  client: TrafficEventsClient,
  account: Account,
  signal: AbortSignal,
): Promise<AccountProbe> {
  const accountId = accountKey(account);
  try {
    await client.account(account).probe({ signal });
    return { accountId, reason: null, code: EXIT.done };
  } catch (error) {
    if (!(error instanceof TrafficEventsError)) throw error;
    return { accountId, reason: error.message, code: exitCodeOfError(error) };
  }
}
