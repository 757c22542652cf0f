import { Command, InvalidArgumentError } from 'commander';
import Table from 'cli-table3';
import { bigqueryBench, bigqueryTargetBench } from './bigquery.ts';
import { bundlesBench } from './bundles.ts';
import { csvBench } from './csv.ts';
import type { Bench, Measurement } from './measurement.ts';
import { planBench } from './plan.ts';
import { pollsBench } from './polls.ts';
import { postgresPeersBench } from './postgres-peers.ts';
import { postgresReplaceBench } from './postgres-replace.ts';
import { postgresBench, postgresPipeBench, postgresTargetBench } from './postgres.ts';
import { suppressionBench } from './suppression.ts';

const benches: readonly Bench[] = [
  csvBench,
  pollsBench,
  planBench,
  bundlesBench,
  postgresBench,
  postgresTargetBench,
  postgresPipeBench,
  postgresPeersBench,
  postgresReplaceBench,
  bigqueryBench,
  bigqueryTargetBench,
  suppressionBench,
];

const program = new Command('npm run bench --')
  .description('Measures speed and memory as ratios to the limit or to a peer, in one run.')
  .argument('[names...]', 'measurements to take, all unless given', collectName)
  .option('--json', 'one JSON object a line instead of a table', false)
  .addHelpText('after', `\nMeasurements: ${benches.flatMap(({ names }) => names).join(', ')}`)
  .action(async (names: readonly string[], { json }: { json: boolean }) => {
    const wanted = new Set(names);
    const measured: Measurement[] = [];
    for (const bench of benches.filter((each) => isWanted(each, wanted))) {
      const all = await bench.measure((line) => void process.stderr.write(`${line}\n`));
      const taken = all.filter(({ name }) => wanted.size === 0 || wanted.has(name));
      if (json) for (const each of taken) process.stdout.write(`${JSON.stringify(each)}\n`);
      measured.push(...taken);
    }
    if (!json) process.stdout.write(`${tableOf(measured)}\n`);
    if (measured.some(({ ok }) => !ok)) process.exitCode = 1;
  });

await program.parseAsync();

function collectName(name: string, previous: readonly string[] = []): string[] {
  if (benches.some(({ names }) => names.includes(name))) return [...previous, name];
  throw new InvalidArgumentError(`Known: ${benches.flatMap(({ names }) => names).join(', ')}.`);
}

function isWanted({ names }: Bench, wanted: ReadonlySet<string>): boolean {
  return wanted.size === 0 || names.some((name) => wanted.has(name));
}

function tableOf(measured: readonly Measurement[]): string {
  const table = new Table({
    head: ['measurement', 'value', 'target', '', 'compared with'],
    style: { head: [], border: [] },
  });
  for (const { name, value, unit, target, ok, baseline } of measured) {
    table.push([
      name,
      `${Number(value.toPrecision(4))} ${unit}`,
      target ?? '',
      ok ? 'ok' : 'MISSED',
      baseline ?? '',
    ]);
  }
  return table.toString();
}
