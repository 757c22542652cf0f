import { Option } from 'commander';

/** `--config`, alike in every command that reads it. */
export const configOption = () =>
  new Option('--config <file>', 'the configuration').default('traffic-events.yaml');

/** `--log-format`, alike in every command that logs. */
export const logFormatOption = () =>
  new Option('--log-format <format>', 'of standard error')
    .choices(['text', 'json'])
    .default('text');

/** `--env-file`, alike in every command: cron and systemd start programs with an empty environment. */
export const envFileOption = () =>
  new Option('--env-file <file>', 'NAME=value lines for the environment, instead of .env');
