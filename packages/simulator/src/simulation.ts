import type { Accounts } from './accounts/accounts.ts';
import type { SimulatedClock } from './clock/simulated-clock.ts';
import type { Database } from './database/database.ts';
import type { Executions } from './executions/executions.ts';
import type { QueryRunner } from './executions/query-runner.ts';
import type { SignedUrls } from './http/signed-urls.ts';
import type { Tokens } from './http/tokens.ts';
import type { Behaviour } from './settings/behaviour.ts';
import type { SimulatorSettings } from './settings/settings.ts';

/** What the routes of one simulator share. */
export interface Simulation {
  readonly settings: SimulatorSettings;
  readonly behaviour: Behaviour;
  readonly clock: SimulatedClock;
  readonly database: Database;
  readonly accounts: Accounts;
  readonly executions: Executions;
  readonly runner: QueryRunner;
  readonly tokens: Tokens;
  readonly signedUrls: SignedUrls;
}
