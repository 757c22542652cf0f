import { EXIT } from '@traffic-events/program';
import { Command } from 'commander';
import { createProgress } from '../demo/progress.ts';
import { demoJson, demoTable } from '../demo/report.ts';
import { writeKeptConfig } from '../demo/kept-config.ts';
import type { KeptConfig } from '../demo/kept-config.ts';
import type { Demo } from '../demo/run-demo.ts';
import { loadOptional } from '../load-optional.ts';
import { stopOnSignals } from '@traffic-events/program';

interface DemoArguments {
  readonly events?: string;
  readonly json: boolean;
  readonly keep: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events demo
  $ traffic-events demo --events events.csv.gz
  $ traffic-events demo --keep

A file of events is a CSV, plain or gzip, with the columns timestamp, policy, campaign, item_id,
position, click and user. The events of its first policy go to the DSP account, the others to the
sponsored ads account; the last day of the file becomes the last event date.`;

export function demoCommand(exit: (code: number) => void): Command {
  return new Command('demo')
    .description(
      'sync 45 event dates from a simulated API into an embedded PostgreSQL, on this machine alone',
    )
    .option('--events <file>', 'replay real events instead of generated ones')
    .option('--json', 'print the result as one JSON object, on the last line', false)
    .option('--keep', 'leave the warehouse running, and say how to connect', false)
    .addHelpText('after', EXAMPLES)
    .action(async (args: DemoArguments) => exit(await runDemoCommand(args)));
}

async function runDemoCommand(args: DemoArguments): Promise<number> {
  using stopping = stopOnSignals();
  try {
    const demo = await runWithProgress(args, stopping.signal);
    if (!args.json) process.stdout.write(`\n${demoTable(demo.result)}`);
    await stopOrKeep(demo, args);
    if (args.json) process.stdout.write(`${demoJson(demo.result)}\n`);
    return demo.result.differences.length === 0 ? EXIT.done : EXIT.fault;
  } catch (error) {
    if (stopping.exitCode === null) throw error;
    return stopping.exitCode;
  }
}

async function runWithProgress(args: DemoArguments, signal: AbortSignal): Promise<Demo> {
  const { runDemo } = await loadOptional('demo', () => import('../demo/run-demo.ts'));
  using progress = createProgress();
  return await runDemo({
    eventsFile: args.events,
    signal,
    onStep: (text) => progress.step(text),
    onDay: (day) => progress.day(day),
  });
}

async function stopOrKeep(demo: Demo, { keep, json }: DemoArguments): Promise<void> {
  const { postgres } = demo;
  if (keep) {
    await postgres.keep();
    process.stdout.write(howToConnect(demo, writeKeptConfig(demo.config, demo.endedMs)));
    return;
  }
  await postgres.stop();
  if (!json)
    process.stdout.write('\nSee it as a page, and ask it by SQL:  npm run demo -- --keep\n');
}

function howToConnect({ warehouseUrl, postgres }: Demo, kept: KeptConfig): string {
  return `
The warehouse keeps running. As a page: npx traffic-events serve --config ${kept.config} --env-file ${kept.environment}
Connect:                               psql '${warehouseUrl}?options=--search_path%3Dtraffic_events'
See a campaign's days:                 SELECT * FROM dsp_daily WHERE campaign IS NOT NULL ORDER BY campaign_id, event_date;
How each date stands:                  SELECT stream, event_date, status, days_left FROM coverage;
Stop it and remove its files:          kill ${postgres.supervisorPid}; rm -r ${kept.directory}
`;
}
