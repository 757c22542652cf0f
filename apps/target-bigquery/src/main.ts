import { createRequire } from 'node:module';
import { runTarget } from '@traffic-events/program';
import { loadMessages } from '@traffic-events/warehouse/bigquery';
import { commonLoadRules } from '@traffic-events/warehouse/target';
import { connectionSettings, tableOptions } from './connection-settings.ts';
import { SETTINGS } from './settings.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

await runTarget({
  name: 'target-bigquery',
  description: 'Loads Singer messages from standard input into BigQuery.',
  version,
  capabilities: [
    'about',
    'activate-version',
    'batch',
    'hard-delete',
    'soft-delete',
    'validate-records',
  ],
  settings: SETTINGS,
  examples: [
    'tap-csv --config tap.json | target-bigquery --config target.json',
    'TARGET_BIGQUERY_PROJECT=p TARGET_BIGQUERY_DATASET=d target-bigquery --config ENV < messages.singer',
    'target-bigquery --about --format json',
  ],
  load: (settings, run) =>
    loadMessages(process.stdin, {
      connection: connectionSettings(settings, process.env),
      tables: tableOptions(settings),
      rules: commonLoadRules(settings),
      maxLineBytes: settings.max_line_bytes,
      ...run,
    }),
});
