import { describe, expect, test } from 'vitest';
import { readExchangeRates } from './exchange-rates.ts';

const ECB = `Date,USD,JPY,GBP,
2026-01-05,1.1,160.5,0.88,
2026-01-02,1.08,N/A,0.8,
`;

const rates = (text: string, from: readonly string[], to: string) =>
  readExchangeRates(text, 'rates.csv', { from, to }).map(
    ({ date, from: one, to: other, rate, publishedOn }) =>
      `${date} ${one}/${other} ${rate} of ${publishedOn}`,
  );

describe('rates of the European Central Bank', () => {
  test('go on over the weekend, and a week after the last', () => {
    expect(rates(ECB, ['EUR'], 'USD')).toEqual([
      '2026-01-02 EUR/USD 1.08 of 2026-01-02',
      '2026-01-03 EUR/USD 1.08 of 2026-01-02',
      '2026-01-04 EUR/USD 1.08 of 2026-01-02',
      ...[5, 6, 7, 8, 9].map((day) => `2026-01-0${day} EUR/USD 1.1 of 2026-01-05`),
      '2026-01-10 EUR/USD 1.1 of 2026-01-05',
      '2026-01-11 EUR/USD 1.1 of 2026-01-05',
    ]);
  });

  test('are turned round, and crossed by the euro', () => {
    expect(rates(ECB, ['GBP'], 'EUR')[0]).toBe('2026-01-02 GBP/EUR 1.25 of 2026-01-02');
    expect(rates(ECB, ['GBP'], 'USD')[0]).toBe('2026-01-02 GBP/USD 1.35 of 2026-01-02');
  });

  test('a date without a rate has none', () => {
    expect(rates(ECB, ['EUR'], 'JPY')[0]).toBe('2026-01-05 EUR/JPY 160.5 of 2026-01-05');
  });

  test('none is needed from a currency to itself', () => {
    expect(rates(ECB, ['EUR', 'USD'], 'USD')).toHaveLength(10);
  });
});

test('rates of pairs are taken as they stand', () => {
  const text = 'date,from,to,rate\n2026-01-31,GBP,EUR,1.1512\n';
  expect(rates(text, ['GBP'], 'EUR')[0]).toBe('2026-01-31 GBP/EUR 1.1512 of 2026-01-31');
});

test('a gap of more than a week is a gap', () => {
  const text = 'date,from,to,rate\n2026-01-01,GBP,EUR,1.1\n2026-02-01,GBP,EUR,1.2\n';
  const dates = rates(text, ['GBP'], 'EUR').map((rate) => rate.slice(0, 10));
  expect(dates).toContain('2026-01-07');
  expect(dates).not.toContain('2026-01-08');
});

test.each([
  ['time,rate\n', 'line 1: expected the columns date,from,to,rate'],
  ['date,from,to,rate\n\n2026-13-01,GBP,EUR,1\n', 'line 3: 2026-13-01 is no date'],
  ['date,from,to,rate\n2026-01-01,Pound,EUR,1\n', 'line 2: Pound is no ISO 4217 code'],
  ['date,from,to,rate\n2026-01-01,GBP,EUR,-1\n', 'line 2: -1 is no rate'],
  ['Date,USD\n2026-01-01,1e400\n', 'line 2: 1e400 is no rate'],
  ['date,from,to,rate\n"2026', 'rates.csv is no CSV'],
])('what is no rate is named: %j', (text, problem) => {
  expect(() => rates(text, ['GBP'], 'EUR')).toThrow(problem);
});
