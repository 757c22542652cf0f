import { ConfigError } from '@traffic-events/program';
import { addDays, daysBetween, isEventDate } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { ExchangeRate } from '@traffic-events/warehouse';
import { parse } from 'csv-parse/sync';

/** What a unit of each currency is in the units of one that all rates of the date go by. */
type Published = ReadonlyMap<string, number>;

/** As the parser gives it where it is asked for lines. */
interface Row {
  readonly record: readonly string[];
  readonly info: { readonly lines: number };
}

interface Line {
  readonly number: number;
  readonly cells: readonly string[];
}

/** Which rates are wanted: from the accounts' currencies to the one of reports. */
export interface WantedRates {
  readonly from: readonly string[];
  readonly to: string;
}

/** On weekends and holidays the last rates go on; after so many days they are missing. */
const LONGEST_GAP_DAYS = 7;
/** Digits of a rate that is reckoned from others; published ones have six or fewer. */
const DIGITS = 12;

/**
 * Reads rates from a CSV: with the columns `date,from,to,rate`, or as the European Central Bank
 * publishes them (`Date,USD,JPY,…`, units for one euro). Answers a rate for each wanted pair and
 * each date that has one or comes a few days after one. Throws ConfigError naming the line.
 */
export function readExchangeRates(text: string, file: string, wanted: WantedRates): ExchangeRate[] {
  const [header, ...lines] = linesOf(text, file);
  const read = readerOf(header?.cells ?? [], file);
  const pairs = [...new Set(wanted.from)].filter((currency) => currency !== wanted.to);
  const published = read(lines);
  const dates = [...published.keys()].toSorted();
  return pairs.flatMap((from) => ratesOf(from, wanted.to, dates, published));
}

function linesOf(text: string, file: string): Line[] {
  const options = {
    bom: true,
    info: true,
    relaxColumnCount: true,
    skipEmptyLines: true,
    trim: true,
  };
  try {
    const rows = parse(text, options) as unknown as Row[];
    return rows.map(({ record, info }) => ({ number: info.lines, cells: record }));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigError(`${file} is no CSV: ${reason}`, { cause });
  }
}

type PublishedRates = Map<EventDate, Map<string, Published>>;

function readerOf(
  header: readonly string[],
  file: string,
): (lines: readonly Line[]) => PublishedRates {
  const names = header.map((name) => name.toLowerCase());
  if (names.slice(0, 4).join() === 'date,from,to,rate') return (lines) => pairsOf(lines, file);
  const currencies = header.slice(1).filter((name) => name !== '');
  if (names[0] === 'date' && currencies.length > 0 && currencies.every(isCurrency)) {
    return (lines) => eurosOf(lines, currencies, file);
  }
  throw new ConfigError(
    `${file}, line 1: expected the columns date,from,to,rate, or Date and currency codes as the European Central Bank has them, got ${header.slice(0, 5).join(',')}`,
  );
}

/** Rates of pairs: each pair by itself, with its own base. */
function pairsOf(lines: readonly Line[], file: string): PublishedRates {
  const all: PublishedRates = new Map();
  for (const { number: line, cells } of lines) {
    const [date = '', from = '', to = '', rate = ''] = cells;
    for (const currency of [from, to]) {
      if (!isCurrency(currency))
        fail(file, line, `${currency || 'no currency'} is no ISO 4217 code`);
    }
    const bases = basesOf(all, dateOf(date, file, line));
    bases.set(from, new Map([...(bases.get(from) ?? []), [to, rateOf(rate, file, line)]]));
  }
  return all;
}

/** Units of each currency for one euro. */
function eurosOf(
  lines: readonly Line[],
  currencies: readonly string[],
  file: string,
): PublishedRates {
  const all: PublishedRates = new Map();
  for (const { number: line, cells } of lines) {
    const [date = '', ...units] = cells;
    const known = currencies.flatMap((currency, column) => {
      const cell = units[column] ?? '';
      return cell === 'N/A' || cell === '' ? [] : [[currency, rateOf(cell, file, line)] as const];
    });
    basesOf(all, dateOf(date, file, line)).set('EUR', new Map([...known, ['EUR', 1]]));
  }
  return all;
}

function basesOf(all: PublishedRates, date: EventDate): Map<string, Published> {
  const bases = all.get(date) ?? new Map<string, Published>();
  all.set(date, bases);
  return bases;
}

function ratesOf(
  from: string,
  to: string,
  dates: readonly EventDate[],
  published: PublishedRates,
): ExchangeRate[] {
  const known = dates.flatMap((date) => {
    const rate = rateBetween(from, to, published.get(date) ?? new Map());
    return rate === undefined ? [] : [{ date, rate }];
  });
  return known.flatMap(({ date, rate }, index) => {
    const next = known[index + 1]?.date;
    const gap =
      next === undefined ? LONGEST_GAP_DAYS : Math.min(daysBetween(date, next), LONGEST_GAP_DAYS);
    return Array.from({ length: gap }, (_, days) => addDays(date, days)).map((day) => ({
      date: day,
      from,
      to,
      rate,
      publishedOn: date,
    }));
  });
}

/** As it is given, or by a currency that both have a rate to. */
function rateBetween(
  from: string,
  to: string,
  bases: ReadonlyMap<string, Published>,
): string | undefined {
  const direct = bases.get(from)?.get(to);
  if (direct !== undefined) return text(direct);
  const inverse = bases.get(to)?.get(from);
  if (inverse !== undefined) return text(1 / inverse);
  for (const units of bases.values()) {
    const [one, other] = [units.get(from), units.get(to)];
    if (one !== undefined && other !== undefined) return text(other / one);
  }
  return undefined;
}

function text(rate: number): string {
  return String(Number(rate.toPrecision(DIGITS)));
}

function dateOf(cell: string, file: string, line: number): EventDate {
  if (isEventDate(cell)) return cell;
  return fail(file, line, `${cell || 'no date'} is no date; write 2026-01-31`);
}

function rateOf(cell: string, file: string, line: number): number {
  const rate = Number(cell);
  if (cell !== '' && rate > 1e-9 && rate < 1e9) return rate;
  return fail(
    file,
    line,
    `${cell || 'no rate'} is no rate; write a number above 0, such as 1.0825`,
  );
}

function isCurrency(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

function fail(file: string, line: number, problem: string): never {
  throw new ConfigError(`${file}, line ${line}: ${problem}`);
}
