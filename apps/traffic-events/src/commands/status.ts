import { clockFromEnvironment } from '@traffic-events/client';
import { EXIT } from '@traffic-events/program';
import { parseSavedStates } from '@traffic-events/source';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { costsOf, costsTable } from '../costs.ts';
import type { Costs } from '../costs.ts';
import { statusTable, streamStatus } from '../status.ts';
import type { StreamStatus } from '../status.ts';
import { readWarehouseCosts, readWarehouseStatus } from '../warehouse.ts';
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
      'what the warehouse holds: per stream and account since, until, open dates, last run; of BigQuery what loading has cost',
    )
    .addOption(configOption())
    .option('--json', 'print one JSON object {streams: [...], costs: {...}}', false)
    .addHelpText('after', EXAMPLES)
    .action(async (args: StatusArguments) => exit(await runStatus(args, process.env)));
}

async function runStatus(args: StatusArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(args.config, environment);
  const [partitions, spent] = await Promise.all([
    readWarehouseStatus(config),
    readWarehouseCosts(config),
  ]);
  const nowMs = clockFromEnvironment(environment).now();
  const streams = parseSavedStates(partitions, nowMs).map((partition) =>
    streamStatus(partition, nowMs),
  );
  const costs = spent === undefined ? {} : { costs: costsOf(spent) };
  const text = args.json
    ? JSON.stringify({ streams, ...costs }, null, 2)
    : forPeople(streams, costs);
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

function forPeople(streams: readonly StreamStatus[], { costs }: { costs?: Costs }): string {
  return [statusTable(streams), ...(costs === undefined ? [] : [costsTable(costs)])].join('\n\n');
}
