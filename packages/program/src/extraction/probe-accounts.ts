import { accountKey, TrafficEventsError } from '@traffic-events/client';
import type { Account, TrafficEventsClient } from '@traffic-events/client';

import { EXIT } from '../exit/exit-code.ts';
import type { ExitCode } from '../exit/exit-code.ts';
import { exitCodeOfError } from '../exit/exit-code-of-error.ts';
import { severalAtATime } from './several-at-a-time.ts';

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
  const common = new CommonFault();
  return severalAtATime(accounts, async (account) => {
    const accountId = accountKey(account);
    if (common.probe !== undefined) return { ...common.probe, accountId };
    const { answers } = common;
    try {
      await client.account(account).probe({ signal });
      common.answered();
      return { accountId, reason: null, code: EXIT.done };
    } catch (error) {
      if (!(error instanceof TrafficEventsError)) throw error;
      const probe = { accountId, reason: error.message, code: exitCodeOfError(error) };
      common.failed(error, probe, answers);
      return probe;
    }
  });
}

/** What is wrong with the network or the credentials is one fact, and not one for each account. */
class CommonFault {
  #answers = 0;
  #probe: AccountProbe | undefined;

  /** What the other accounts would be told; undefined while they have to be asked. */
  get probe(): AccountProbe | undefined {
    return this.#probe;
  }

  get answers(): number {
    return this.#answers;
  }

  answered(): void {
    this.#answers += 1;
    this.#probe = undefined;
  }

  /** `answersBefore`: how many there had been when the account began to be asked. */
  failed(error: TrafficEventsError, probe: AccountProbe, answersBefore: number): void {
    const isSilent = error.unreachable && this.#answers === answersBefore;
    if (!isSilent && error.code !== 'credentials_refused') return this.answered();
    this.#probe ??= {
      ...probe,
      reason: `it was not asked, as ${probe.accountId} was asked in vain: ${probe.reason}`,
    };
  }
}
