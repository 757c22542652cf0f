import type { TestProject } from 'vitest/node';
import { EmulatorUnavailableError } from './emulator-environment.ts';
import { BigQueryEmulator } from './emulator.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Empty where no emulator could be started. */
    bigqueryEmulatorUrl: string;
  }
}

/** Projects are set up in one process; they share one emulator, which goes with the last of them. */
const shared = globalThis as {
  bigqueryEmulator?: { emulator: Promise<BigQueryEmulator>; users: number };
};

/** `globalSetup` of the projects that have tests on BigQuery. Without an emulator they fail in CI, and are skipped elsewhere. */
export default async function setUpBigQuery(project: TestProject): Promise<() => Promise<void>> {
  shared.bigqueryEmulator ??= { emulator: BigQueryEmulator.start({ threads: 1 }), users: 0 };
  const held = shared.bigqueryEmulator;
  held.users += 1;
  const emulator = await held.emulator.catch((error: unknown) => {
    const mayDoWithout = error instanceof EmulatorUnavailableError && process.env['CI'] !== 'true';
    if (!mayDoWithout) throw error;
    process.stderr.write(`\nTESTS ON BIGQUERY ARE SKIPPED. ${error.message}\n\n`);
    return undefined;
  });
  project.provide('bigqueryEmulatorUrl', emulator?.url ?? '');
  return async () => {
    held.users -= 1;
    if (held.users > 0) return;
    delete shared.bigqueryEmulator;
    await emulator?.stop();
  };
}
