import type { Accounts } from './accounts/accounts.ts';
import type { SimulatedClock } from './clock/simulated-clock.ts';
import type { Database } from './database/database.ts';
import type { Executions } from './executions/executions.ts';
import type { QueryRunner } from './executions/query-runner.ts';
import type { Faults } from './faults/faults.ts';
import type { RequestMeter } from './http/request-measurements.ts';
import type { SignedUrls } from './http/signed-urls.ts';
import type { Tokens } from './http/tokens.ts';
import type { Switches } from './settings/switches.ts';
import type { SimulatorSettings } from './settings/settings.ts';

/** What the routes of one simulator share. */
export interface Simulation {
  readonly settings: SimulatorSettings;
  /** For what is no account's, such as tokens. */
  readonly switches: Switches;
  readonly clock: SimulatedClock;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly executions: Executions;
  readonly runner: QueryRunner;
  readonly tokens: Tokens;
  readonly signedUrls: SignedUrls;
  readonly faults: Faults;
  readonly meter: RequestMeter;
  /** Aborted when the simulator closes. */
  readonly closing: AbortSignal;
}
