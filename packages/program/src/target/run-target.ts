import { clockFromEnvironment } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { MessageWriter, readSettings } from '@traffic-events/singer';
import type {
  ForeignSettings,
  ProgramDescription,
  SettingDefinitions,
  SettingValues,
} from '@traffic-events/singer';
import { Command } from 'commander';

import { about, aboutFormatOption } from '../arguments/about.ts';
import type { AboutFormat } from '../arguments/about.ts';
import { collect } from '../arguments/collect.ts';
import { envFileOption } from '../arguments/env-file-option.ts';
import type { EnvFileArguments } from '../arguments/env-file-option.ts';

import { EXIT } from '../exit/exit-code.ts';
import { exitCodeOfError } from '../exit/exit-code-of-error.ts';
import { EXIT_CODES_HELP } from '../exit/exit-codes-help.ts';
import { createLog } from '../log/create-log.ts';
import type { Logger } from '@traffic-events/client';
import { configSource, placesOf, readConfigFiles } from '../files/config-files.ts';
import { ignoreClosedOutput } from '../exit/ignore-closed-output.ts';
import { loadDotEnv } from '../files/dot-env.ts';
import { faultAtPlace } from '../exit/fault-at-place.ts';
import { logError } from '../exit/report-error.ts';
import { leaveUnread } from '../exit/leave-unread.ts';
import { stopOnSignals } from '../exit/stop-on-signals.ts';
import type { SignalStop } from '../exit/stop-on-signals.ts';

/** A target: what it says of itself, and how it loads. */
export interface TargetProgram<Definitions extends SettingDefinitions> extends ProgramDescription {
  readonly settings: Definitions;
  /** Settings of programs whose place it can take. */
  readonly namesakes?: ForeignSettings;
  /** Command lines for `--help`. */
  readonly examples: readonly string[];
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

interface Arguments extends EnvFileArguments {
  readonly config: readonly string[];
  readonly about?: boolean;
  readonly format: AboutFormat;
}

/** Runs a target as the process: arguments, standard input and output, signals, exit code. */
export async function runTarget<const Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
): Promise<void> {
  using stopping = stopOnSignals();
  ignoreClosedOutput();
  try {
    await targetCommand(program, stopping).parseAsync();
    process.exitCode = stopping.exitCode ?? EXIT.done;
  } catch (error) {
    process.exitCode = stopping.exitCode ?? exitCodeOfError(error);
    logError(createLog(), error);
  } finally {
    // Standard input may still be open, and would keep the process waiting.
    process.stdin.destroy();
  }
  leaveUnread();
}

function targetCommand<Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
  stopping: SignalStop,
): Command {
  const { name, version, description } = program;
  return new Command(name)
    .description(description)
    .version(`${name} ${version}`, '--version', 'print the version')
    .option<string[]>(
      '--config <file>',
      'JSON file with settings; may be given more than once, the later wins; ENV for none',
      collect,
      [],
    )
    .option('--about', 'print what this program can do and which settings it has')
    .addOption(aboutFormatOption())
    .addOption(envFileOption())
    .addHelpText('after', helpText(program.examples))
    .action(async (options: Arguments) => {
      loadDotEnv(options.envFile);
      if (options.about === true)
        process.stdout.write(about(descriptionOf(program), options.format));
      else await load(program, options.config, stopping);
    })
    .exitOverride();
}

function descriptionOf(program: ProgramDescription): ProgramDescription {
  const { name, description, version, capabilities, settings } = program;
  return { name, description, version, capabilities, settings };
}

function helpText(examples: readonly string[]): string {
  return `
Examples:
${examples.map((example) => `  ${example}`).join('\n')}

It prints each state once what came before it is committed; keep the last line for the next run.
${EXIT_CODES_HELP}`;
}

async function load<Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
  files: readonly string[],
  stopping: SignalStop,
): Promise<void> {
  const logger = createLog();
  const given = await readConfigFiles(files);
  try {
    const settings = readSettings(program.settings, {
      program: program.name,
      ...(program.namesakes === undefined ? {} : { foreign: program.namesakes }),
      warn: (setting, reason) => logger.warn({ setting, reason }, 'setting.ignored'),
      config: given.config,
      source: configSource(files),
      env: process.env,
    });
    await run(program, settings, logger, stopping);
  } catch (error) {
    throw faultAtPlace(error, placesOf(program.name, given, process.env));
  }
}

async function run<Definitions extends SettingDefinitions>(
  program: TargetProgram<Definitions>,
  settings: SettingValues<Definitions>,
  logger: Logger,
  { signal, lastSignal }: SignalStop,
): Promise<void> {
  const writer = new MessageWriter({ output: process.stdout, signal: lastSignal });
  await program.load(settings, {
    clock: clockFromEnvironment(process.env),
    logger,
    signal,
    emitState: async (value) => {
      await writer.writeLine(JSON.stringify(value));
    },
  });
  await writer.close();
}
