import { clockFromEnvironment } from '@traffic-events/client';
import { gravestExitCode, probeAccounts, stopOnSignals } from '@traffic-events/program';
import type { ExitCode } from '@traffic-events/program';

import { clientOf } from './client.ts';
import { createLogger } from './log.ts';
import type { TapSettings } from './settings.ts';

/** Tries the credentials and every account without creating anything; answers the exit code. */
export async function testConnection(
  settings: TapSettings,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const { logger, pino } = createLogger();
  const client = clientOf(settings, clockFromEnvironment(env), pino);
  using stopping = stopOnSignals();
  try {
    const probes = await probeAccounts(client, settings.accounts, stopping.signal);
    for (const { accountId, reason } of probes) {
      if (reason === null) logger.info('test.account_ok', { account_id: accountId });
      else logger.error('test.account_failed', { account_id: accountId, reason });
    }
    return gravestExitCode(probes.map(({ code }) => code));
  } catch (error) {
    if (stopping.exitCode === null) throw error;
    return stopping.exitCode;
  } finally {
    await client.close();
  }
}
