import { Option } from 'commander';

/** `--config`, alike in every command that reads it. */
export const configOption = () =>
  new Option('--config <file>', 'the configuration').default('traffic-events.yaml');

/** `--log-format`, alike in every command that logs. */
export const logFormatOption = () =>
  new Option('--log-format <format>', 'of standard error')
    .choices(['text', 'json'])
    .default('text');
