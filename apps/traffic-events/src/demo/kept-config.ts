import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InstantMs } from '@traffic-events/slice';
import { stringify } from 'yaml';
import type { Config } from '../config.ts';

/** Files by which other commands ask a demo that is kept. */
export interface KeptConfig {
  readonly directory: string;
  readonly config: string;
  /** Says that it is still the last day of the demo. */
  readonly environment: string;
}

/** Writes what a user would have: the configuration, without an API that is gone, and the environment. */
export function writeKeptConfig(config: Config, nowMs: InstantMs): KeptConfig {
  const directory = mkdtempSync(join(tmpdir(), 'traffic-events-demo-'));
  const kept = {
    directory,
    config: join(directory, 'traffic-events.yaml'),
    environment: join(directory, 'demo.env'),
  };
  const { start_date, streams, warehouse, schema } = config;
  const settings = { credentials: GONE, start_date, accounts: accountsIn(config), streams };
  writeFileSync(kept.config, stringify({ ...settings, warehouse, schema }), { mode: 0o600 });
  writeFileSync(kept.environment, `TRAFFIC_EVENTS_NOW=${new Date(nowMs).toISOString()}\n`);
  return kept;
}

/** The simulated API ends with the demo. */
const GONE = { client_id: 'demo', client_secret: 'demo', refresh_token: 'demo' };

function accountsIn({ accounts }: Config): object[] {
  return accounts.map(({ account, currency }) => ({
    marketplace: account.marketplace,
    ...(account.kind === 'dsp'
      ? { advertiser_id: account.advertiserId }
      : { entity_id: account.entityId }),
    currency,
  }));
}
