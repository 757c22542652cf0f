import { EXIT, exitCodeOfError, gravestExitCode } from '@traffic-events/program';
import { Command } from 'commander';
import { checkReport, checkTable } from '../checks/report.ts';
import type { CheckResult } from '../checks/check-result.ts';
import { runChecks } from '../checks.ts';
import { readConfig } from '../config.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';
import { widthOf } from '../text-table.ts';

interface CheckArguments extends CommonArguments {
  readonly json: boolean;
  readonly create: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events check
  $ traffic-events check --json | jq '.checks[] | select(.outcome != "ok")'
  $ traffic-events check --config /etc/traffic-events.yaml && traffic-events sync

It creates a small execution for each account, because only that shows that one may; --no-create leaves
it out. Nothing is loaded, and nothing is left in the warehouse. It ends with 0 where nothing failed;
warnings fail nothing.`;

export function checkCommand(exit: (code: number) => void): Command {
  return new Command('check')
    .description(
      'try configuration, consent, access to each account, clock, warehouse and its rights, disks, and say what lies ahead',
    )
    .addOption(configOption())
    .option('--json', 'print one JSON object {ok, exit_code, checks: [...]}', false)
    .option('--no-create', 'create no execution')
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: CheckArguments) => exit(await runCheck(args)));
}

/** Also offered by `init`. */
export async function runCheck(args: CheckArguments): Promise<number> {
  const configuration = configurationResult(args.config);
  if (configuration.outcome === 'failed') return report(args, [configuration]);
  return runCommand(args, async (context) =>
    report(args, [configuration, ...(await runChecks(context, args))]),
  );
}

function configurationResult(path: string): CheckResult {
  const what = 'configuration';
  try {
    const { accounts } = readConfig(path, process.env);
    const count = `${accounts.length} ${accounts.length === 1 ? 'account' : 'accounts'}`;
    return { what, outcome: 'ok', detail: `${path}: ${count}`, next: null, code: EXIT.done };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { what, outcome: 'failed', detail, next: null, code: exitCodeOfError(error) };
  }
}

function report({ json }: CheckArguments, results: readonly CheckResult[]): number {
  const code = gravestExitCode(results.map((each) => each.code));
  const text = json
    ? JSON.stringify(checkReport(results, code), null, 2)
    : checkTable(results, widthOf(process.stdout));
  process.stdout.write(`${text}\n`);
  return code;
}
