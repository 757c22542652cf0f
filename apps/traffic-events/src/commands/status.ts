import { clockFromEnvironment } from '@traffic-events/client';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { EXIT } from '../exit-code.ts';
import { statusTable, streamStatus } from '../status.ts';
import { readWarehouseStatus } from '../warehouse.ts';
import { configOption } from './options.ts';

interface StatusArguments {
  readonly config: string;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events status
  $ traffic-events status --json | jq '.streams[] | select(.missed_dates != [])'`;

export function statusCommand(exit: (code: number) => void): Command {
  return new Command('status')
    .description(
      'what the warehouse holds: per stream and account since, until, open dates, last run',
    )
    .addOption(configOption())
    .option('--json', 'print one JSON object {streams: [...]}', false)
    .addHelpText('after', EXAMPLES)
    .action(async (args: StatusArguments) => exit(await runStatus(args, process.env)));
}

async function runStatus(args: StatusArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const partitions = await readWarehouseStatus(readConfig(args.config, environment));
  const nowMs = clockFromEnvironment(environment).now();
  const streams = partitions.map((partition) => streamStatus(partition, nowMs));
  const text = args.json ? JSON.stringify({ streams }, null, 2) : statusTable(streams);
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}
