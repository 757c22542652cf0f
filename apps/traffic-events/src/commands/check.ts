import { gravestExitCode } from '@traffic-events/program';
import { Command } from 'commander';
import { runChecks } from '../checks.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

const EXAMPLES = `
Examples:
  $ traffic-events check
  $ traffic-events check --config /etc/traffic-events.yaml && traffic-events sync`;

export function checkCommand(exit: (code: number) => void): Command {
  return new Command('check')
    .description('try configuration, credentials, access to each account, and the warehouse')
    .addOption(configOption())
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: CommonArguments) => exit(await runCheck(args)));
}

/** Also offered by `init`. */
export async function runCheck(args: CommonArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const results = await runChecks(context);
    for (const { what, ok, detail } of results) {
      process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${what}: ${detail}\n`);
    }
    return gravestExitCode(results.map(({ code }) => code));
  });
}
