import { createRequire } from 'node:module';
import { runTarget } from '@traffic-events/program';
import { loadMessages } from '@traffic-events/warehouse/postgres';
import { connectionSettings } from './connection-settings.ts';
import { loadRules } from './load-rules.ts';
import { NAMESAKES } from './namesakes.ts';
import { SETTINGS } from './settings.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

await runTarget({
  name: 'target-postgres',
  description: 'Loads Singer messages from standard input into PostgreSQL.',
  version,
  capabilities: [
    'about',
    'activate-version',
    'batch',
    'hard-delete',
    'soft-delete',
    'target-schema',
    'validate-records',
  ],
  settings: SETTINGS,
  namesakes: NAMESAKES,
  examples: [
    'tap-csv --config tap.json | target-postgres --config target.json',
    'TARGET_POSTGRES_URL=postgresql://user:password@localhost/warehouse target-postgres < messages.singer',
    'target-postgres --about --format json',
  ],
  load: (settings, run) =>
    loadMessages(process.stdin, {
      connection: connectionSettings(settings),
      schema: settings.default_target_schema,
      rules: loadRules(settings),
      maxLineBytes: settings.max_line_bytes,
      ...run,
    }),
});
