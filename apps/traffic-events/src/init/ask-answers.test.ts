import { PassThrough, Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { accountKey } from '@traffic-events/client';
import { exitCodeOfError } from '@traffic-events/program';
import { expect, test } from 'vitest';
import { Prompts } from '../prompts.ts';
import { askAnswers } from './ask-answers.ts';

const NOTHING_GIVEN = {
  accounts: undefined,
  products: undefined,
  marketplaces: [],
  streams: undefined,
  startDate: undefined,
  defaultStartDate: '2026-01-03',
  warehouseUrl: undefined,
  clientId: undefined,
};

const ENTER = '\r';
const CLEAR = '\u0015';
const DOWN = '\u001B[B';

/** A terminal at which somebody types: each answer once its question is there. */
function terminal(dialogue: readonly (readonly [question: string, keys: string])[]) {
  const input = new PassThrough();
  const left = [...dialogue];
  let shown = '';
  const output = new Writable({
    write(chunk, _encoding, done) {
      shown += stripVTControlCharacters(String(chunk)).replaceAll(/\s/g, '');
      const [question, keys] = left[0] ?? [];
      if (question !== undefined && shown.includes(question.replaceAll(' ', ''))) {
        left.shift();
        shown = '';
        setImmediate(() => input.write(keys));
      }
      done();
    },
  });
  // As that of a terminal: no question closes it.
  output.end = () => output;
  return { prompts: new Prompts({ input, output }), left };
}

test(
  'asks for everything, and says of the time zone that it is for good',
  { timeout: 20_000 },
  async () => {
    const { prompts, left } = terminal([
      ['Which products', ENTER],
      ['In which marketplaces?', `${DOWN.repeat(5)} ${ENTER}`],
      ['DE, advertiser ids', `ENTITY1${ENTER}`],
      ['which is the id of a sponsored ads entity', `${CLEAR}590122334455667788${ENTER}`],
      ['for good, it can never be changed', `${CLEAR}Europe/Berlin${ENTER}`],
      ['currency of its costs', ENTER],
      ['DE, entity ids', `ENTITY1A2B3C4D5E${ENTER}`],
      ['for good, it can never be changed', ENTER],
      ['currency of its costs', ENTER],
      ['what else is to be kept?', `${DOWN} ${ENTER}`],
      ['First event date', ENTER],
      ['Where is the copy', ENTER],
      ['the password left out', `${CLEAR}postgres://loader@db:5432/marketing${ENTER}`],
      ['need a password?', ENTER],
      ['Password of loader', `se/cret${ENTER}`],
    ]);
    const answers = await askAnswers(prompts, NOTHING_GIVEN);
    expect(left).toEqual([]);
    expect(
      answers.accounts.map(({ account, currency }) => [accountKey(account), currency]),
    ).toEqual([
      ['DE:dsp:590122334455667788@Europe/Berlin', 'EUR'],
      ['DE:entity:ENTITY1A2B3C4D5E@Europe/Berlin', 'EUR'],
    ]);
    expect(answers).toMatchObject({
      startDate: '2026-01-03',
      streams: ['defaults', 'adserver_traffic'],
      warehouseUrl: 'postgres://loader:se%2Fcret@db:5432/marketing',
    });
  },
);

test('asks nothing that is given', async () => {
  const { prompts } = terminal([]);
  const account = { kind: 'dsp', marketplace: 'US', advertiserId: '1' } as const;
  const given = {
    ...NOTHING_GIVEN,
    products: new Set(['dsp'] as const),
    accounts: [{ account }],
    streams: ['defaults'],
    startDate: '2026-01-05',
    warehouseUrl: 'bigquery://project/dataset',
  };
  expect(await askAnswers(prompts, given)).toMatchObject({ accounts: [{ account }] });
});

test('ends as interrupted where somebody leaves', async () => {
  const { prompts } = terminal([['Which products', '\u0003']]);
  const error = await askAnswers(prompts, NOTHING_GIVEN).catch((caught: unknown) => caught);
  expect(exitCodeOfError(error)).toBe(130);
});
