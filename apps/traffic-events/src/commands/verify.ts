import { EXIT } from '@traffic-events/program';
import { auditArchive, LocalArchive } from '@traffic-events/source';
import type { ArchiveAudit } from '@traffic-events/source';
import { rawResultKey } from '@traffic-events/warehouse';
import type { SliceDifference, Verification } from '@traffic-events/warehouse';
import { Command } from 'commander';
import type { CommandContext } from '../connections.ts';
import { refuseNoArchive } from '../refuse-no-archive.ts';
import { tablesByAccount, widthOf } from '../text-table.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface VerifyArguments extends CommonArguments {
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  $ traffic-events verify
  $ traffic-events verify --json | jq '.differences[] | select(.stream == "dsp_clicks")'

It changes nothing. The exit code is 9 where anything differs. The archive is looked through where the
configuration names one; BigQuery bills what the tables of slices have in the columns of main metrics.`;

export function verifyCommand(exit: (code: number) => void): Command {
  return new Command('verify')
    .description(
      'hold rows and sums of every slice in the warehouse against its ledger row, and the archive against its hashes',
    )
    .addOption(configOption())
    .option('--json', 'print one JSON object {slices, differences: [...], archive: {...}}', false)
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: VerifyArguments) => exit(await runVerify(args)));
}

async function runVerify(args: VerifyArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const warehouse = await warehouseOf(context.config);
    const verification = await warehouse.verify();
    const archive = await archiveOf(context, verification);
    const { slices, differences } = verification;
    const text = args.json
      ? JSON.stringify({ slices, differences, archive }, null, 2)
      : [...describeSlices(verification), ...describeArchive(archive)].join('\n');
    process.stdout.write(`${text}\n`);
    const isWell = differences.length === 0 && (archive?.faults.length ?? 0) === 0;
    return isWell ? EXIT.done : EXIT.differs;
  });
}

/** Null where no archive is kept. */
async function archiveOf(
  { config, signal }: CommandContext,
  { rawHashes }: Verification,
): Promise<ArchiveAudit | null> {
  if (config.archive === undefined) return null;
  if (rawHashes.size > 0) refuseNoArchive(config.archive);
  return auditArchive({
    archive: new LocalArchive({ folder: config.archive }),
    hashOf: ({ stream, execution_id }) => rawHashes.get(rawResultKey(stream, execution_id)),
    signal,
  });
}

const COLUMNS = [
  { head: 'stream' },
  { head: 'date' },
  { head: 'what' },
  { head: 'ledger', isNumber: true },
  { head: 'table', isNumber: true },
  { head: 'execution' },
];

function describeSlices({ slices, differences }: Verification): string[] {
  if (slices === 0 && differences.length === 0) return ['Nothing has been loaded yet.'];
  if (differences.length === 0) return [`${slices} slices are as the ledger says.`];
  const differing = new Set(differences.map(sliceOf));
  return [
    `Of ${slices} slices, ${differing.size} are not as the ledger says:`,
    ...tablesByAccount(
      COLUMNS,
      differences,
      ({ stream, eventDate, what, ledger, table, executionId }) => [
        stream,
        eventDate,
        what,
        ledger,
        table,
        executionId,
      ],
      widthOf(process.stdout),
    ),
  ];
}

function sliceOf({ accountId, stream, eventDate }: SliceDifference): string {
  return `${stream} ${accountId} ${eventDate}`;
}

function describeArchive(archive: ArchiveAudit | null): string[] {
  if (archive === null) return [];
  const { results, faults } = archive;
  if (faults.length === 0) return [`${results} results in the archive are whole.`];
  return [
    `The archive has ${results} results, and of these or beside them:`,
    ...faults.map((fault) => `  ${fault}`),
  ];
}
