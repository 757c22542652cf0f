import { once } from 'node:events';
import { clockFromEnvironment } from '@traffic-events/client';
import { EXIT, stopOnSignals } from '@traffic-events/program';
import { Command } from 'commander';
import { createProgress } from '../demo/progress.ts';
import { demoJson, demoTable } from '../demo/report.ts';
import { writeKeptConfig } from '../demo/kept-config.ts';
import type { KeptConfig } from '../demo/kept-config.ts';
import type { Demo } from '../demo/run-demo.ts';
import { loadOptional } from '../load-optional.ts';
import { openLog } from '../log.ts';
import { PageServer } from '../page/page-server.ts';
import { warehouseOf } from '../warehouse.ts';

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
    .option('--keep', 'serve it as a page until Ctrl-C, and leave the warehouse running', false)
    .addHelpText('after', EXAMPLES)
    .action(async (args: DemoArguments) => exit(await runDemoCommand(args)));
}

async function runDemoCommand(args: DemoArguments): Promise<number> {
  using stopping = stopOnSignals();
  try {
    const demo = await runWithProgress(args, stopping.signal);
    if (args.keep) await keepAndServe(demo, args, stopping.signal);
    else await stopAfter(demo, args);
    const code = demo.result.differences.length === 0 ? EXIT.done : EXIT.fault;
    return stopping.exitCode ?? code;
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

async function stopAfter({ postgres, result }: Demo, { json }: DemoArguments): Promise<void> {
  await postgres.stop();
  const hint = 'See it as a page, and ask it by SQL:  npm run demo -- --keep\n';
  process.stdout.write(json ? `${demoJson(result)}\n` : `\n${demoTable(result)}\n${hint}`);
}

/** Serves the page until it is stopped; the warehouse outlives it. */
async function keepAndServe(demo: Demo, { json }: DemoArguments, signal: AbortSignal) {
  const { config, endedMs, result } = demo;
  const source = {
    config,
    clock: clockFromEnvironment({ TRAFFIC_EVENTS_NOW: new Date(endedMs).toISOString() }),
    warehouse: await warehouseOf(config),
  };
  const listen = { host: '127.0.0.1', port: 0 };
  await using page = await PageServer.start({ listen, source, logger: openLog('text', 'warn') });
  await demo.postgres.keep();
  const connect = howToConnect(demo, page.url, writeKeptConfig(config, endedMs));
  const table = json ? '' : `\n${demoTable(result)}`;
  process.stdout.write(`${table}${connect}${json ? `${demoJson(result)}\n` : ''}`);
  if (!signal.aborted) await once(signal, 'abort');
}

function howToConnect({ warehouseUrl, postgres }: Demo, url: string, kept: KeptConfig): string {
  return `
See it as a page, until Ctrl-C:        ${url}
The warehouse keeps running. Again:    npx traffic-events serve --config ${kept.config} --env-file ${kept.environment}
Connect:                               psql '${warehouseUrl}?options=--search_path%3Dtraffic_events'
See a campaign's days:                 SELECT * FROM dsp_daily WHERE campaign IS NOT NULL ORDER BY campaign_id, event_date;
How each date stands:                  SELECT stream, event_date, status, days_left FROM coverage;
Stop it and remove its files:          kill ${postgres.supervisorPid}; rm -r ${kept.directory}
`;
}
