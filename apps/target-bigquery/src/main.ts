import { createRequire } from 'node:module';
import { aboutJson, aboutText, MessageWriter } from '@traffic-events/singer';
import type { ProgramDescription } from '@traffic-events/singer';
import { clockFromEnvironment } from '@traffic-events/client';
import { loadMessages } from '@traffic-events/warehouse/bigquery';
import { exitCodeOf, interruptedBySignals, stderrLogger } from '@traffic-events/warehouse/target';
import { Command } from 'commander';
import { connectionSettings, tableOptions } from './connection-settings.ts';
import { loadRules } from './load-rules.ts';
import { loadSettings, SETTINGS } from './settings.ts';

const { version } = createRequire(import.meta.url)('../package.json') as { version: string };

const PROGRAM: ProgramDescription = {
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
};

interface Arguments {
  readonly config: readonly string[];
  readonly about?: boolean;
  readonly format: string;
}

const EXAMPLES = `
Examples:
  tap-csv --config tap.json | target-bigquery --config target.json
  TARGET_BIGQUERY_PROJECT=p TARGET_BIGQUERY_DATASET=d target-bigquery --config ENV < messages.singer
  target-bigquery --about --format json

It prints each state once what came before it is committed; keep the last line for the next run.

Exit codes: 0 done, 1 fault, 2 configuration, 4 warehouse, 7 busy, 130 and 143 interrupted.`;

const command = new Command(PROGRAM.name)
  .description(PROGRAM.description)
  .version(`${PROGRAM.name} ${version}`, '--version', 'print the version')
  .option<string[]>(
    '--config <file>',
    'JSON file with settings; may be given more than once, the later wins; ENV for none',
    (file, files) => [...files, file],
    [],
  )
  .option('--about', 'print what this program can do and which settings it has')
  .option('--format <format>', 'of --about: text or json', 'text')
  .addHelpText('after', EXAMPLES)
  .action(async (options: Arguments) => {
    if (options.about === true) about(options.format);
    else await load(options.config);
  });

function about(format: string): void {
  const text =
    format === 'json' ? `${JSON.stringify(aboutJson(PROGRAM), null, 2)}\n` : aboutText(PROGRAM);
  process.stdout.write(text);
}

async function load(files: readonly string[]): Promise<void> {
  const settings = await loadSettings(PROGRAM.name, files, process.env);
  const writer = new MessageWriter({ output: process.stdout });
  const interruption = interruptedBySignals();
  await loadMessages(process.stdin, {
    connection: connectionSettings(settings, process.env),
    tables: tableOptions(settings),
    rules: loadRules(settings),
    maxLineBytes: settings.max_line_bytes,
    clock: clockFromEnvironment(process.env),
    logger: stderrLogger,
    signal: interruption.signal,
    emitState: async (value) => {
      await writer.writeLine(JSON.stringify(value));
    },
  });
  await writer.close();
  // Standard input may still be open, and would keep the process waiting.
  process.stdin.destroy();
}

try {
  await command.parseAsync();
} catch (error) {
  process.exitCode ??= exitCodeOf(error);
  process.stderr.write(
    `${PROGRAM.name}: ${error instanceof Error ? error.message : String(error)}\n`,
  );
}
