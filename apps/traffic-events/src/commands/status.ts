import { writeFileSync } from 'node:fs';
import { clockFromEnvironment } from '@traffic-events/client';
import { ConfigError, EXIT } from '@traffic-events/program';
import { describeNotCollected } from '@traffic-events/program/extraction';
import { Command } from 'commander';
import { readConfig } from '../config.ts';
import { describeConsent } from '../consent/consent-end.ts';
import { wholeFile } from '../page/page-source.ts';
import { calendarText } from '../status/calendar-text.ts';
import { costsTable } from '../status/costs.ts';
import { readReport } from '../status/read-report.ts';
import type { StatusReport } from '../status/read-report.ts';
import { statusTable } from '../status/status.ts';
import { describeFindings } from '../status/verdict.ts';
import { widthOf } from '../text-table.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption } from './options.ts';
import { wrappedText } from '../wrapped-text.ts';

interface StatusArguments {
  readonly config: string;
  readonly json: boolean;
  readonly check: boolean;
  readonly html?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events status
  $ traffic-events status --json | jq '.streams[] | select(.missed_dates != [])'
  $ traffic-events status --html status.html
  $ traffic-events status --check --json | jq -r '.check.findings[].text'

With --check it ends with 6 where a date is at risk, or was given up by its last run; with 5 where a
slice waits for another try after a failure, or a stream was never loaded or not asked for in 36
hours; else with 0. status.schema.json beside this program describes what --json prints.`;

export function statusCommand(exit: (code: number) => void): Command {
  return new Command('status')
    .description(
      'what the warehouse holds: per stream and account a calendar of the last month, until when it is closed, retries, last result; what is not collected; of BigQuery what loading has cost',
    )
    .addOption(configOption())
    .option(
      '--json',
      'print one JSON object {as_of, streams: [...], not_started: [...], not_collected: [...], consent: {...}, check: {...}, costs: {...}}',
      false,
    )
    .option('--html <file>', 'write it as one page that needs nothing else')
    .option('--check', 'end with an exit code that says whether somebody should look', false)
    .addHelpText('after', EXAMPLES)
    .action(async (args: StatusArguments) => exit(await runStatus(args, process.env)));
}

async function runStatus(args: StatusArguments, environment: NodeJS.ProcessEnv): Promise<number> {
  const config = readConfig(args.config, environment);
  const warehouse = await warehouseOf(config);
  const clock = clockFromEnvironment(environment);
  if (args.html !== undefined) writeFile(args.html, await wholeFile({ config, warehouse, clock }));
  const report = await readReport(config, warehouse, clock);
  const text = args.json ? JSON.stringify(report, null, 2) : forPeople(report, args.check);
  process.stdout.write(`${text}\n`);
  return args.check ? report.check.exit_code : EXIT.done;
}

function writeFile(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`--html ${path}: cannot be written (${code ?? message}).`, { cause });
  }
}

function forPeople(report: StatusReport, isCheck: boolean): string {
  const { streams, consent, costs } = report;
  const { stdout } = process;
  const width = widthOf(stdout);
  return [
    ...(streams.length === 0
      ? []
      : [`${calendarText(streams, Date.parse(report.as_of), { stream: stdout })}\n`]),
    ...[
      statusTable(streams, Date.parse(report.as_of), width),
      ...describeFindings(report.check, isCheck),
      ...(consent?.is_due === true ? [describeConsent(consent)] : []),
      ...describeNotCollected(report.not_collected),
    ].map((text) => wrappedText(text, width)),
    ...(costs === undefined ? [] : [`\n${costsTable(costs)}`]),
  ].join('\n');
}
