import { Option } from 'commander';

/** `--env-file`, alike in every program: cron and systemd start them with an empty environment. */
export const envFileOption = () =>
  new Option('--env-file <file>', 'NAME=value lines for the environment, instead of .env');

export interface EnvFileArguments {
  readonly envFile?: string;
}
