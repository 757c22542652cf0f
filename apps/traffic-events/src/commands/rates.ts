import { readFileSync } from 'node:fs';
import { ConfigError, EXIT } from '@traffic-events/program';
import type { ExchangeRate } from '@traffic-events/warehouse';
import { Command } from 'commander';
import type { Config } from '../config.ts';
import { readExchangeRates } from '../exchange-rates.ts';
import { warehouseOf } from '../warehouse.ts';
import { configOption, logFormatOption } from './options.ts';
import { printText, runCommand } from './run-command.ts';
import type { CommonArguments } from './run-command.ts';

const EXAMPLES = `
Examples:
  $ traffic-events rates eurofxref-hist.csv    # as the European Central Bank publishes them
  $ traffic-events rates our-rates.csv         # with the columns date,from,to,rate
  $ traffic-events views                       # the views show costs in reporting_currency then`;

export function ratesCommand(exit: (code: number) => void): Command {
  return new Command('rates')
    .description('load exchange rates from a CSV, in which the views show costs of all accounts')
    .argument('<file>', 'a CSV of rates')
    .addOption(configOption())
    .addOption(logFormatOption())
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, args: CommonArguments) => exit(await runRates(file, args)));
}

async function runRates(file: string, args: CommonArguments): Promise<number> {
  return runCommand(args, async ({ config }) => {
    const rates = readExchangeRates(readText(file), file, wantedOf(config, args.config));
    if (rates.length === 0) {
      throw new ConfigError(
        `${file} has no rate from ${currenciesOf(config).join(' or ')} to ${config.reporting_currency}: nothing was loaded`,
      );
    }
    const warehouse = await warehouseOf(config);
    await warehouse.putExchangeRates(rates);
    printText(args, report(rates));
    return EXIT.done;
  });
}

function wantedOf(config: Config, path: string) {
  const { reporting_currency: to } = config;
  if (to === undefined) {
    throw new ConfigError(
      `${path}: reporting_currency is missing; name the currency in which costs are to be shown, such as EUR`,
    );
  }
  const from = currenciesOf(config);
  if (from.length === 0) {
    throw new ConfigError(`${path}: no account has a currency; add currency: to each of accounts`);
  }
  return { from, to };
}

function currenciesOf({ accounts }: Config): string[] {
  return [...new Set(accounts.flatMap(({ currency }) => currency ?? []))];
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigError(`${file}: cannot be read`, { cause });
  }
}

/** A line per pair: how many dates, from which to which. */
function report(rates: readonly ExchangeRate[]): string {
  const pairs = Map.groupBy(rates, ({ from, to }) => `${from} to ${to}`);
  const lines = [...pairs].map(([pair, all]) => {
    const dates = all.map(({ date }) => date).toSorted();
    return `${pair}: ${all.length} dates, ${dates[0]} to ${dates.at(-1)}`;
  });
  return lines.join('\n');
}
