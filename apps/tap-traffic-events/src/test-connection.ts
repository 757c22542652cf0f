import { accountKey, clockFromEnvironment, TrafficEventsError } from '@traffic-events/client';
import type { TrafficEventsClient } from '@traffic-events/client';
import { EXIT } from '@traffic-events/program';
import type { Logger } from '@traffic-events/source';

import { clientOf } from './client.ts';
import { createLogger } from './log.ts';
import type { TapSettings } from './settings.ts';

/** Tries the credentials and every account without creating anything; answers the exit code. */
export async function testConnection(
  settings: TapSettings,
  env: NodeJS.ProcessEnv,
): Promise<number> {
  const { logger, pino } = createLogger();
  const client = clientOf(settings, clockFromEnvironment(env), pino);
  try {
    let exitCode: number = EXIT.done;
    for (const account of settings.accounts) {
      const reason = await tryAccount(client, account);
      report(logger, accountKey(account), reason);
      if (reason !== null) exitCode = EXIT.service;
    }
    return exitCode;
  } finally {
    await client.close();
  }
}

/** Why the account cannot be queried; null when it can. Fatal errors are thrown. */
async function tryAccount(
  client: TrafficEventsClient,
  account: TapSettings['accounts'][number],
): Promise<string | null> {
  const filter = { minCreationTimeMs: client.apiTimeMs() };
  try {
    for await (const _ of client.account(account).listExecutions(filter)) break;
    return null;
  } catch (error) {
    if (!(error instanceof TrafficEventsError) || error.action === 'fatal') throw error;
    return error.code === 'list_unavailable' ? null : error.message;
  }
}

function report(logger: Logger, accountId: string, reason: string | null): void {
  if (reason === null) logger.info('test.account_ok', { account_id: accountId });
  else logger.error('test.account_failed', { account_id: accountId, reason });
}
