import { clockFromEnvironment } from '@traffic-events/client';
import { createLog, gravestExitCode, stopOnSignals } from '@traffic-events/program';
import { openClient, PROBE_PATIENCE_MS, probeAccounts } from '@traffic-events/program/extraction';
import type { ExitCode } from '@traffic-events/program';

import { version } from './about.ts';
import { PROGRAM } from './settings.ts';
import type { TapSettings } from './settings.ts';

/** Tries the credentials and every account without creating anything; answers the exit code. */
export async function testConnection(
  settings: TapSettings,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const clock = clockFromEnvironment(env);
  const logger = createLog();
  const client = openClient(settings, settings, {
    program: PROGRAM,
    version,
    clock,
    logger,
    maxOutageMs: PROBE_PATIENCE_MS,
  });
  using stopping = stopOnSignals();
  try {
    const probes = await probeAccounts(client, settings.accounts, stopping.signal);
    for (const { accountId, reason } of probes) {
      if (reason === null) logger.info({ account_id: accountId }, 'test.account_ok');
      else logger.error({ account_id: accountId, reason }, 'test.account_failed');
    }
    return gravestExitCode(probes.map(({ code }) => code));
  } catch (error) {
    if (stopping.exitCode === null) throw error;
    return stopping.exitCode;
  } finally {
    await client.close();
  }
}
