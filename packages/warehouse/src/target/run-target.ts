import { clockFromEnvironment } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { aboutJson, aboutText, MessageWriter, readSettings } from '@traffic-events/singer';
import type { ProgramDescription, SettingDefinitions, SettingValues } from '@traffic-events/singer';
import { Command } from 'commander';
import type { Logger } from '../logger.ts';
import { exitCodeOf } from './exit-code.ts';
import { interruptedBySignals } from './interrupted-by-signals.ts';
import { readConfigFiles } from './read-config-files.ts';
import { stderrLogger } from './stderr-logger.ts';

/** A target: what it says of itself, and how it loads. */
export interface TargetProgram<Definitions extends SettingDefinitions> extends ProgramDescription {
  readonly settings: Definitions;
  /** Command lines for `--help`. */
  readonly examples: readonly string[];
  /** Settings that a file may hold, shown where one holds none: `{"host": "localhost"}`. */
  readonly settingsExample: string;
  /** Takes all of standard input in. */
  load(settings: SettingValues<Definitions>, run: TargetRun): Promise<void>;
}

/** What every load is given. */
export interface TargetRun {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  readonly emitState: (value: unknown) => Promise<void>;
}

interface Arguments {
  readonly config: readonly string[];
  readonly about?: boolean;
  readonly format: string;
}

/** Runs a target as the process: arguments, standard input and output, signals, exit code. */
export async function runTarget<const Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
): Promise<void> {
  try {
    await targetCommand(program).parseAsync();
  } catch (error) {
    process.exitCode ??= exitCodeOf(error);
    process.stderr.write(
      `${program.name}: ${error instanceof Error ? error.message : String(error)}\n`,
    );
  }
}

function targetCommand<Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
): Command {
  const { name, version, description } = program;
  return new Command(name)
    .description(description)
    .version(`${name} ${version}`, '--version', 'print the version')
    .option<string[]>(
      '--config <file>',
      'JSON file with settings; may be given more than once, the later wins; ENV for none',
      (file, files) => [...files, file],
      [],
    )
    .option('--about', 'print what this program can do and which settings it has')
    .option('--format <format>', 'of --about: text or json', 'text')
    .addHelpText('after', helpText(program.examples))
    .action(async (options: Arguments) => {
      if (options.about === true) printAbout(program, options.format);
      else await load(program, options.config);
    });
}

function helpText(examples: readonly string[]): string {
  return `
Examples:
${examples.map((example) => `  ${example}`).join('\n')}

It prints each state once what came before it is committed; keep the last line for the next run.

Exit codes: 0 done, 1 fault, 2 configuration, 4 warehouse, 7 busy, 130 and 143 interrupted.`;
}

function printAbout(program: ProgramDescription, format: string): void {
  const { name, description, version, capabilities, settings } = program;
  const about = { name, description, version, capabilities, settings };
  const text =
    format === 'json' ? `${JSON.stringify(aboutJson(about), null, 2)}\n` : aboutText(about);
  process.stdout.write(text);
}

async function load<Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
  files: readonly string[],
): Promise<void> {
  const settings = readSettings(program.settings, {
    program: program.name,
    config: await readConfigFiles(files, program.settingsExample),
    source: files.length === 0 ? 'a file for --config' : files.join(', '),
    env: process.env,
  });
  const writer = new MessageWriter({ output: process.stdout });
  await program.load(settings, {
    clock: clockFromEnvironment(process.env),
    logger: stderrLogger,
    signal: interruptedBySignals().signal,
    emitState: async (value) => {
      await writer.writeLine(JSON.stringify(value));
    },
  });
  await writer.close();
  // Standard input may still be open, and would keep the process waiting.
  process.stdin.destroy();
}
