import { EXIT_CODES_HELP } from '@traffic-events/program';
import { isEventDate } from '@traffic-events/slice';
import { Command, InvalidArgumentError, Option } from 'commander';

export interface TapArguments {
  readonly config: readonly string[];
  readonly discover: boolean;
  readonly catalog: string | undefined;
  readonly state: string | undefined;
  readonly test: boolean;
  readonly about: boolean;
  readonly format: 'text' | 'json' | 'markdown';
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly maxDurationMs: number | undefined;
  readonly acceptDefinition: readonly string[];
  readonly reextract: boolean;
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
    .addOption(
      new Option('--format <format>', 'of --about')
        .choices(['text', 'json', 'markdown'])
        .default('text'),
    )
    .option('--from <date>', 'backfill: first event date, may be before start_date', eventDate)
    .option('--to <date>', 'backfill: last event date', eventDate)
    .option('--max-duration <time>', 'create nothing more after 90m or 2h', duration)
    .option('--accept-definition <stream>', 'accept its changed definition', collect, [])
    .option('--reextract', 'with --accept-definition: extract again what can be had', false)
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .parse([...argv], { from: 'user' });
  const { properties, maxDuration, ...options } = command.opts();
  return {
    ...options,
    catalog: options['catalog'] ?? properties,
    maxDurationMs: maxDuration,
  } as TapArguments;
}

function collect(value: string, previous: readonly string[]): string[] {
  return [...previous, value];
}

function eventDate(value: string): string {
  if (isEventDate(value)) return value;
  throw new InvalidArgumentError('Expected a date such as 2026-01-31.');
}

const UNITS_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };

function duration(value: string): number {
  const [, number = '', unit = ''] = /^(\d+)([smh])$/.exec(value) ?? [];
  const unitMs = UNITS_MS[unit];
  if (unitMs !== undefined) return Number(number) * unitMs;
  throw new InvalidArgumentError('Expected a time such as 90m or 2h.');
}
