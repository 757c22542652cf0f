import { Command, InvalidArgumentError } from 'commander';
import { parseMarketplace } from '../init/parse-marketplace.ts';
import { loadOptional } from '../load-optional.ts';
import type { AccountArgument, SimulateArguments } from '../simulate.ts';

const EXAMPLES = `
Examples:
  $ traffic-events simulate --port 8080
  $ traffic-events simulate --account DE:dsp:1234 --account UK:entity:ENTITY1 --days 60
  $ traffic-events simulate --now 2026-01-31T06:00:00Z --scale 60     # an hour a minute
  $ traffic-events simulate --settings simulator.yaml                # every switch: docs/simulator.md

From any language, with curl (PORT as printed):
  $ curl -s localhost:PORT/                                          # accounts, executions, clock, faults
  $ TOKEN=$(curl -s localhost:PORT/auth/o2/token -d grant_type=refresh_token \\
      -d client_id=amzn1.application-oa2-client.simulator -d client_secret=simulator-secret \\
      -d 'refresh_token=Atzr|simulator-refresh-token' | jq -r .access_token)
  $ curl -s localhost:PORT/avc/workflowexecutions -H "Authorization: Bearer $TOKEN" \\
      -H 'Amazon-Advertising-API-ClientId: amzn1.application-oa2-client.simulator' \\
      -H 'Amazon-Advertising-API-MarketplaceId: A1PA6795UKMFR9' \\
      -H 'Amazon-Advertising-Advertiser-Id: 590122334455667788' -H 'Content-Type: application/json' \\
      -d '{"workflow": {"sqlQuery": "SELECT campaign, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign"},
           "timeWindow": {"type": "MOST_RECENT_DAY"}}'
  $ curl -s localhost:PORT/_simulator/clock -d '{"advance_seconds": 900}' -H 'Content-Type: application/json'
  $ curl -s 'localhost:PORT/_simulator/truth?account=DE:dsp:590122334455667788&data_source=dsp_impressions'`;

export function simulateCommand(exit: (code: number) => void): Command {
  return new Command('simulate')
    .description('serve the traffic events API on this machine, until Ctrl-C')
    .option('--port <port>', 'port on 127.0.0.1, 8080 unless set; 0 for any free one', parseNumber)
    .option('--account <key>', 'account with events of its own; repeatable', collectAccount, [])
    .option('--events <file>', 'real events (CSV or CSV.gz) instead of generated ones')
    .option(
      '--days <days>',
      'event dates to generate, up to the day before --now; 45 unless set',
      parseNumber,
    )
    .option('--seed <seed>', 'of the generated events; 1 unless set')
    .option(
      '--now <instant>',
      'where the simulated clock begins; TRAFFIC_EVENTS_NOW, then the present, unless set',
    )
    .option(
      '--scale <factor>',
      'speed of the simulated clock; TRAFFIC_EVENTS_TIME_SCALE, then 1, unless set',
      parseNumber,
    )
    .option(
      '--settings <file>',
      'a YAML or JSON file of simulator settings, which these options override',
    )
    .addHelpText('after', EXAMPLES)
    .action(async (args: SimulateArguments) => {
      const { simulate } = await loadOptional('simulate', () => import('../simulate.ts'));
      exit(await simulate(args, process.env));
    });
}

function parseNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== '' && Number.isFinite(number) && number >= 0) return number;
  throw new InvalidArgumentError('Expected a number that is not negative.');
}

function collectAccount(key: string, previous: readonly AccountArgument[]): AccountArgument[] {
  const [code, kind, id, ...rest] = key.split(':');
  if (code === undefined || !id || rest.length > 0) {
    throw new InvalidArgumentError('Expected DE:dsp:1234 or UK:entity:ENTITY1.');
  }
  const marketplace = parseMarketplace(code);
  if (kind === 'dsp') return [...previous, { kind: 'dsp', marketplace, advertiserId: id }];
  if (kind === 'entity') return [...previous, { kind: 'sponsored_ads', marketplace, entityId: id }];
  throw new InvalidArgumentError('Expected dsp or entity between the colons.');
}
