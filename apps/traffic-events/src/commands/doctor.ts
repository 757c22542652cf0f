import { ConfigError, EXIT } from '@traffic-events/program';
import { Command } from 'commander';
import { doctorBundle } from '../doctor/bundle.ts';
import { textWithoutSecrets } from '../doctor/without-secrets.ts';
import { writePrivate } from '../init/write-private.ts';
import { configOption, logFormatOption } from './options.ts';
import { runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

interface DoctorArguments extends CommonArguments {
  readonly output?: string;
}

const EXAMPLES = `
Examples:
  $ traffic-events doctor
  $ traffic-events doctor --output doctor.json

One JSON object for whoever helps: versions, machine, disks, the configuration, what check says, and how
the warehouse stands. No secret is in it; ids of accounts are.`;

export function doctorCommand(exit: (code: number) => void): Command {
  return new Command('doctor')
    .description('gather what somebody who helps needs to know, without secrets')
    .addOption(configOption())
    .option('--output <file>', 'write it there, readable for its owner alone; printed unless given')
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (args: DoctorArguments) => exit(await runDoctor(args)));
}

async function runDoctor(args: DoctorArguments): Promise<number> {
  return runCommand(args, async (context) => {
    const bundle = JSON.stringify(await doctorBundle(context), null, 2);
    write(args, `${textWithoutSecrets(bundle, context.config)}\n`);
    return EXIT.done;
  });
}

function write({ output }: DoctorArguments, text: string): void {
  if (output === undefined) process.stdout.write(text);
  else if (writePrivate(output, text)) process.stdout.write(`${output} is written.\n`);
  else throw new ConfigError(`--output ${output}: is there already and is left as it is.`);
}
