import { clockFromEnvironment } from '@traffic-events/client';
import { EXIT } from '@traffic-events/program';
import {
  accountsOf,
  describeNotCollected,
  listedStreams,
  notCollected,
} from '@traffic-events/program/extraction';
import type { NotCollected } from '@traffic-events/program/extraction';
import { asHeld, parseSavedStates } from '@traffic-events/source';
import type { PartitionStatus } from '@traffic-events/warehouse';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import type { Config } from '../config.ts';
import { costsOf, costsTable } from '../costs.ts';
import type { Costs } from '../costs.ts';
import { consentStanding, describeConsent } from '../consent/consent-end.ts';
import { statusTable, streamStatus } from '../status.ts';
import type { StatusReport } from '../status.ts';
import { widthOf } from '../text-table.ts';
import { warehouseOf } from '../warehouse.ts';
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
      'what the warehouse holds: per stream and account since, until, open dates, retries, last run; what is not collected; of BigQuery what loading has cost',
    )
    .addOption(configOption())
    .option(
      '--json',
      'print one JSON object {streams: [...], not_collected: [...], consent: {...}, costs: {...}}',
      false,
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: StatusArguments) => exit(await runStatus(args, process.env)));
}

async function runStatus(args: StatusArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(args.config, environment);
  const warehouse = await warehouseOf(config);
  const [partitions, spent] = await Promise.all([warehouse.readStatus(), warehouse.readCosts?.()]);
  const nowMs = clockFromEnvironment(environment).now();
  const streams = parseSavedStates(partitions, nowMs).map((partition) =>
    streamStatus(partition, nowMs),
  );
  const report = {
    streams,
    not_collected: leftOut(config, partitions),
    consent: consentStanding(config.credentials.consent_ends, nowMs),
  };
  const costs = spent === undefined ? {} : { costs: costsOf(spent) };
  const text = args.json
    ? JSON.stringify({ ...report, ...costs }, null, 2)
    : forPeople(report, costs);
  process.stdout.write(`${text}\n`);
  return EXIT.done;
}

/** Also where the configuration would stop a run: whoever asks how things stand is told of it. */
function leftOut(config: Config, partitions: readonly PartitionStatus[]): NotCollected[] {
  const held = partitions.map(({ accountId }) => accountId);
  const accounts = accountsOf(config).map((account) => asHeld(account, held));
  const streams = listedStreams(config).filter(({ isDefault }) => isDefault);
  return notCollected(accounts, streams, partitions);
}

function forPeople(report: StatusReport, { costs }: { costs?: Costs }): string {
  return [
    statusTable(report.streams, widthOf(process.stdout)),
    ...(report.consent?.is_due === true ? [describeConsent(report.consent)] : []),
    ...describeNotCollected(report.not_collected),
    ...(costs === undefined ? [] : [`\n${costsTable(costs)}`]),
  ].join('\n');
}
