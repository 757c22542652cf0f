import {
  aboutFormatOption,
  collect,
  envFileOption,
  EXIT_CODES_HELP,
  parseEventDate,
} from '@traffic-events/program';
import {
  acceptDefinitionOption,
  maxDurationOption,
  maxOutageOption,
  reextractOption,
} from '@traffic-events/program/extraction';
import type { RunArguments } from '@traffic-events/program/extraction';
import type { AboutFormat, EnvFileArguments } from '@traffic-events/program';
import { Command, Option } from 'commander';

export interface TapArguments extends RunArguments, EnvFileArguments {
  readonly config: readonly string[];
  readonly discover: boolean;
  readonly catalog: string | undefined;
  readonly state: string | undefined;
  readonly test: boolean;
  readonly about: boolean;
  readonly format: AboutFormat;
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const EXAMPLES = `
Examples:
  $ tap-traffic-events --config config.json --discover > catalog.json
  $ tap-traffic-events --config config.json --state state.json | target-postgres --config target.json
  $ tap-traffic-events --config config.json --state state.json --from 2026-01-01 --to 2026-01-07

config.json:
  {
    "client_id": "amzn1.application-oa2-client.…", "client_secret": "…", "refresh_token": "Atzr|…",
    "start_date": "2026-01-01",
    "accounts": [{"marketplace": "DE", "advertiser_id": "1234567890123456789"},
                 {"marketplace": "UK", "entity_id": "ENTITY1ABCDEF"}]
  }

Event dates are UTC days. An account may have its own, with "time_zone": "Europe/Berlin"; that
choice is for good, because other days would count events twice or not at all.

Every setting may also stand in the environment or in .env, as TAP_TRAFFIC_EVENTS_CLIENT_SECRET
and so on; see --about.
${EXIT_CODES_HELP}`;

/** Reads the command line; throws a CommanderError for --help, --version and what is wrong. */
export function parseArguments(argv: readonly string[], version: string): TapArguments {
  const command = new Command('tap-traffic-events')
    .description('Singer tap for the Amazon traffic events API. Messages go to standard output.')
    .version(version)
    .option('--config <file>', 'settings, a JSON file; several are merged', collect, [])
    .option('--discover', 'print the catalog of streams and end', false)
    .option('--catalog <file>', 'streams and columns to extract, from --discover')
    .addOption(new Option('--properties <file>', 'old name of --catalog').hideHelp())
    .option('--state <file>', 'where the last run ended')
    .option('--test', 'check credentials and access to the accounts, and end', false)
    .option('--about', 'print the settings and end', false)
    .addOption(aboutFormatOption())
    .option('--from <date>', 'backfill: first event date, may be before start_date', parseEventDate)
    .option('--to <date>', 'backfill: last event date', parseEventDate)
    .addOption(maxDurationOption())
    .addOption(maxOutageOption())
    .addOption(acceptDefinitionOption())
    .addOption(reextractOption())
    .addOption(envFileOption())
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .parse([...argv], { from: 'user' });
  const { properties, ...options } = command.opts();
  return { ...options, catalog: options['catalog'] ?? properties } as TapArguments;
}
