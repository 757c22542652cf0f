import { Command, Option } from 'commander';

export interface TapArguments {
  readonly config: readonly string[];
  readonly discover: boolean;
  readonly catalog: string | undefined;
  readonly state: string | undefined;
  readonly about: boolean;
  readonly format: 'text' | 'json';
}

const EXAMPLES = `
Examples:
  $ tap-traffic-events --config config.json --discover > catalog.json
  $ tap-traffic-events --config config.json --state state.json | target-postgres --config target.json

config.json:
  {
    "client_id": "amzn1.application-oa2-client.…", "client_secret": "…", "refresh_token": "Atzr|…",
    "start_date": "2026-01-01",
    "accounts": [{"marketplace": "DE", "advertiser_id": "1234567890123456789"},
                 {"marketplace": "UK", "entity_id": "ENTITY1ABCDEF"}]
  }

Every setting may also stand in the environment, as TAP_TRAFFIC_EVENTS_CLIENT_SECRET and so on.

Exit codes: 0 done; 1 a fault of the program; 2 configuration; 3 credentials; 5 some slices failed;
6 a date is at risk or newly missed; 130 and 143 interrupted.`;

/** Reads the command line; prints and exits for --help, --version and what it does not know. */
export function parseArguments(argv: readonly string[], version: string): TapArguments {
  const command = new Command('tap-traffic-events')
    .description('Singer tap for the Amazon traffic events API. Messages go to standard output.')
    .version(version)
    .option('--config <file>', 'settings, a JSON file; several are merged', collect, [])
    .option('--discover', 'print the catalog of streams and end', false)
    .option('--catalog <file>', 'streams to extract, from --discover')
    .addOption(new Option('--properties <file>', 'old name of --catalog').hideHelp())
    .option('--state <file>', 'where the last run ended')
    .option('--about', 'print the settings and end', false)
    .addOption(
      new Option('--format <format>', 'of --about').choices(['text', 'json']).default('text'),
    )
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .parse([...argv], { from: 'user' });
  const options = command.opts();
  return { ...options, catalog: options['catalog'] ?? options['properties'] } as TapArguments;
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}
