import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SliceMark } from '@traffic-events/slice';
import type { LoadOutcome } from '../load-outcome.ts';
import {
  CLICKS,
  DATE,
  LEDGER,
  ledgerRow,
  partitionChange,
  schemaMessage,
  sliceMessages,
  sliceResult,
  stateMessage,
} from '../slice-fixtures.ts';
import type { SliceFixture } from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const SCHEMAS = [schemaMessage(CLICKS), schemaMessage(LEDGER)];
const RUN = { id: 'run-1', started_at: '2026-01-09T06:00:00.000Z' };

const messagesOf = (fixture: SliceFixture, bookmark: string | null = null): string[] =>
  sliceMessages(sliceResult(fixture), fixture.rows, partitionChange({ ...fixture, bookmark }));
/** As the tap names no slice beside several: for targets that know of one alone. */
const ofNoExecution = ([mark]: readonly SliceMark[]) => ({ ...mark, execution_id: 'see slices' });
const row = (count: string, campaign = 'a') => [campaign, '9007199254740993', count, 'false'];

/** The messages of a slice, and a STATE with the bookmarks of both accounts. */
const told = (fixture: SliceFixture, bookmarks: Readonly<Record<string, string>>) => [
  ...messagesOf(fixture).slice(0, -1),
  stateMessage(
    Object.entries(bookmarks).map(([accountId, bookmark]) =>
      partitionChange({ accountId, bookmark }),
    ),
    { slice: sliceResult(fixture).mark, run: RUN },
  ),
];
const partitionAt = (accountId: string, bookmark: string) =>
  expect.objectContaining({ context: { account_id: accountId }, bookmark });

const usersSchema = (type: string, stream = 'users') =>
  JSON.stringify({
    type: 'SCHEMA',
    stream,
    key_properties: ['id'],
    schema: { properties: { id: { type } } },
  });
const user = (id: number, stream = 'users', extra = {}) =>
  JSON.stringify({ type: 'RECORD', stream, record: { id }, ...extra });

/** What every warehouse promises of slices that come as Singer messages. */
export function messagesContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  beforeAll(async () => {
    warehouse = await make();
  });
  afterAll(() => warehouse.drop());

  const load = (lines: readonly string[]): Promise<LoadOutcome> =>
    warehouse.load([...SCHEMAS, ...lines]);
  const clicks = (accountId: string) =>
    warehouse.rows(
      'dsp_clicks',
      ['event_date', 'execution_id', 'clicks'],
      `account_id = '${accountId}'`,
    );
  const all = (accountId: string) =>
    warehouse.rows(
      'dsp_clicks',
      ['row_number', 'execution_id', 'campaign', 'campaign_id', 'clicks', 'filtered'],
      `account_id = '${accountId}'`,
    );
  const ledger = (accountId: string) =>
    warehouse.rows('extractions', ['extraction_id', 'status'], `account_id = '${accountId}'`);

  test('slices, their ledger rows and states arrive, an empty one too', async () => {
    const accountId = 'DE:dsp:1';
    const slices = ['2026-01-04', '2026-01-05', '2026-01-06'].map((eventDate, index) =>
      messagesOf(
        { accountId, eventDate, executionId: `a${index}`, rows: index === 2 ? [] : [row('4')] },
        eventDate,
      ),
    );
    const { states, failure, log } = await load(slices.flat());
    expect(failure).toBeUndefined();
    expect(states.at(-1)).toMatchObject({ slice: { event_date: '2026-01-06' } });
    expect(await clicks(accountId)).toEqual([
      ['2026-01-04', 'a0', '4'],
      ['2026-01-05', 'a1', '4'],
    ]);
    expect(await ledger(accountId)).toEqual(['a0', 'a1', 'a2'].map((id) => [id, 'settled']));
    expect(log.filter(({ message }) => message === 'slice.loaded')).toHaveLength(3);
  });

  test('a STATE whose slice is of no execution leaves nothing of what came before it', async () => {
    const accountId = 'DE:dsp:50';
    const fixture = { accountId, executionId: 'n1', rows: [row('4')] };
    const slice = ofNoExecution([sliceResult(fixture).mark]);
    const { states, failure } = await load([
      ...messagesOf(fixture).slice(0, -1),
      stateMessage([partitionChange({ accountId })], { slice, run: RUN }),
    ]);
    expect(String(failure)).toContain('came without a record of the ledger for execution');
    expect(states).toEqual([]);
    expect(await clicks(accountId)).toEqual([]);
    expect(await ledger(accountId)).toEqual([]);
  });

  test('one STATE closes several slices, of several accounts, some of them empty', async () => {
    const slices = [
      { accountId: 'DE:dsp:51', executionId: 'm1', rows: [row('4'), row('5')] },
      { accountId: 'UK:dsp:51', executionId: 'm2', rows: [] },
      { accountId: 'DE:dsp:51', eventDate: '2026-01-06', executionId: 'm3', rows: [row('6')] },
      { accountId: 'UK:dsp:51', eventDate: '2026-01-06', executionId: 'm4', rows: [row('7')] },
      { accountId: 'UK:dsp:51', eventDate: '2026-01-07', executionId: 'm5', rows: [] },
    ];
    const messages = slices.flatMap((fixture) => messagesOf(fixture).slice(0, -1));
    const marks = slices.map((fixture) => sliceResult(fixture).mark);
    const changes = ['DE:dsp:51', 'UK:dsp:51'].map((accountId) =>
      partitionChange({ accountId, bookmark: '2026-01-06' }),
    );
    const { states, failure, log } = await load([
      ...messages,
      stateMessage(changes, { slice: ofNoExecution(marks), slices: marks, run: RUN }),
    ]);
    expect(failure).toBeUndefined();
    expect(states).toHaveLength(1);
    expect(await clicks('DE:dsp:51')).toEqual([
      [DATE, 'm1', '4'],
      [DATE, 'm1', '5'],
      ['2026-01-06', 'm3', '6'],
    ]);
    expect(await clicks('UK:dsp:51')).toEqual([['2026-01-06', 'm4', '7']]);
    expect(await ledger('UK:dsp:51')).toEqual(['m2', 'm4', 'm5'].map((id) => [id, 'settled']));
    expect(log.filter(({ message }) => message === 'slice.loaded')).toHaveLength(5);
    const saved = await warehouse.rows(
      '_traffic_events_state',
      ['account_id'],
      `account_id LIKE '%:dsp:51'`,
    );
    expect(saved).toEqual([['DE:dsp:51'], ['UK:dsp:51']]);
  });

  test('slices of several streams are of one execution, closed by one STATE or by one each', async () => {
    const shared = { accountId: 'DE:dsp:54', executionId: 'shared', isShared: true };
    const slices = [
      { ...shared, rows: [row('4')] },
      { ...shared, stream: 'dsp_views', rows: [row('5'), row('6')] },
      { ...shared, stream: 'dsp_empty', rows: [] },
    ];
    const marks = slices.map((fixture) => sliceResult(fixture).mark);
    const state = stateMessage(slices.map(partitionChange), {
      slice: ofNoExecution(marks),
      slices: marks,
      run: RUN,
    });
    const together = slices.flatMap((fixture) => messagesOf(fixture).slice(0, -1));
    const others = ['dsp_views', 'dsp_empty'].map((stream) => schemaMessage({ ...CLICKS, stream }));
    // What comes again replaces itself, and nothing of the others.
    const again = { ...shared, rows: [row('7')] };
    const { failure } = await load([...others, ...together, state, ...messagesOf(again)]);
    expect(failure).toBeUndefined();
    expect(await clicks(shared.accountId)).toEqual([[DATE, 'shared', '7']]);
    const where = `account_id = '${shared.accountId}'`;
    expect(await warehouse.rows('dsp_views', ['clicks'], where)).toEqual([['5'], ['6']]);
    expect(await ledger(shared.accountId)).toEqual(
      ['dsp_clicks', 'dsp_empty', 'dsp_views'].map((stream) => [`shared:${stream}`, 'settled']),
    );
  });

  test('a property that is missing from the SCHEMA is left out, and slices that are held keep theirs', async () => {
    const accountId = 'DE:dsp:53';
    const whole = messagesOf({ accountId, executionId: 'o1', rows: [row('4')] });
    expect((await load(whole)).failure).toBeUndefined();
    const { campaign: _, ...properties } = CLICKS.schema['properties'] as Record<string, object>;
    const narrow = schemaMessage({ ...CLICKS, schema: { ...CLICKS.schema, properties } });
    const next = messagesOf({
      accountId,
      eventDate: '2026-01-06',
      executionId: 'o2',
      rows: [row('5')],
    });
    const without = next.map((line) => line.replace('"campaign":"a",', ''));
    const { failure } = await warehouse.load([narrow, schemaMessage(LEDGER), ...without]);
    expect(failure).toBeUndefined();
    expect(await all(accountId)).toEqual([
      ['1', 'o1', 'a', '9007199254740993', '4', expect.anything()],
      ['1', 'o2', null, '9007199254740993', '5', expect.anything()],
    ]);
  });

  test('of several slices whose STATE never came nothing is left, nor of one that came twice', async () => {
    const accountId = 'DE:dsp:52';
    const first = messagesOf({ accountId, executionId: 'n1', rows: [row('4')] }).slice(0, -1);
    const next = { accountId, eventDate: '2026-01-06', executionId: 'n2', rows: [row('5')] };
    const { states, failure, log } = await load([...first, ...messagesOf(next).slice(0, -1)]);
    expect([states, failure]).toEqual([[], undefined]);
    expect(log.filter(({ message }) => message === 'slice.unclosed')).toHaveLength(2);
    const again = messagesOf({ accountId, executionId: 'n3', rows: [row('6')] }).slice(0, -1);
    const third = messagesOf({ ...next, executionId: 'n4', rows: [row('7')] });
    const twice = await load([...first, ...again, ...third]);
    expect(String(twice.failure)).toContain(
      `Slice dsp_clicks ${accountId} ${DATE} came twice before a STATE closed it`,
    );
    expect(await clicks(accountId)).toEqual([]);
    expect(await ledger(accountId)).toEqual([]);
  });

  test('a slice that comes twice is judged by what the first has left', async () => {
    const accountId = 'DE:dsp:2';
    const better = { accountId, executionId: 'b1', rows: [row('4'), row('5')] };
    const poorer = { accountId, executionId: 'b2', settled: false, rows: [row('9')] };
    const { log, failure } = await load([...messagesOf(better), ...messagesOf(poorer)]);
    expect(failure).toBeUndefined();
    expect(log).toContainEqual({
      message: 'slice.kept',
      fields: expect.objectContaining({ execution_id: 'b2', reason: expect.any(String) }),
    });
    expect(await clicks(accountId)).toEqual(['4', '5'].map((count) => [DATE, 'b1', count]));
    expect(await ledger(accountId)).toEqual([
      ['b1', 'settled'],
      ['b2', 'kept_better'],
    ]);
  });

  test('a slice whose STATE never came leaves nothing, and its state is not passed on', async () => {
    const accountId = 'DE:dsp:3';
    const whole = messagesOf({ accountId, executionId: 'c1', rows: [row('4')] });
    const next = { accountId, eventDate: '2026-01-07', executionId: 'c2', rows: [row('5')] };
    const { states, failure, log } = await load([...whole, ...messagesOf(next).slice(0, -1)]);
    expect(failure).toBeUndefined();
    expect(states).toMatchObject([{ slice: { execution_id: 'c1' } }]);
    expect(log).toContainEqual({
      message: 'slice.unclosed',
      fields: { slice: `dsp_clicks ${accountId} 2026-01-07` },
    });
    expect(log).toContainEqual({ message: 'ledger.uncovered', fields: { rows: 1 } });
    expect(await clicks(accountId)).toEqual([[DATE, 'c1', '4']]);
  });

  test('a missing record fails the slice and names both counts', async () => {
    const accountId = 'DE:dsp:4';
    const messages = messagesOf({ accountId, executionId: 'd1', rows: [row('4'), row('5')] });
    const { states, failure } = await load(messages.slice(1));
    expect(states).toEqual([]);
    expect(String(failure)).toContain('its STATE declares 2 rows, but 1 arrived');
    const none = await load(messages.slice(2));
    expect(String(none.failure)).toContain('its STATE declares 2 rows, but 0 arrived');
    expect(await ledger(accountId)).toEqual([]);
  });

  test('records of two slices may not mix, nor may a STATE close another one', async () => {
    const accountId = 'DE:dsp:5';
    const first = messagesOf({ accountId, executionId: 'e1', rows: [row('4')] });
    const second = messagesOf({ accountId, executionId: 'e2', rows: [row('5')] });
    const other = messagesOf({ accountId, executionId: 'e3', eventDate: '2026-01-06', rows: [] });
    const mixed = await load([first[0] ?? '', ...second]);
    expect(String(mixed.failure)).toContain(
      `A record of slice dsp_clicks ${accountId} 2026-01-05 (execution e2) came before the STATE that closes dsp_clicks ${accountId} 2026-01-05 (execution e1).`,
    );
    const crossed = await load([first[0] ?? '', ...other]);
    expect(String(crossed.failure)).toContain(
      `A STATE closes slice dsp_clicks ${accountId} 2026-01-06, but the records before it are of dsp_clicks ${accountId} 2026-01-05.`,
    );
    const renamed = await load([first[0] ?? '', ...second.slice(1)]);
    expect(String(renamed.failure)).toContain(
      'its STATE declares execution e2, but the records are of e1.',
    );
    const uncovered = await load(first.filter((line) => !line.includes('extractions')));
    expect(String(uncovered.failure)).toContain(
      'its STATE came without a record of the ledger for execution e1.',
    );
    expect(await clicks(accountId)).toEqual([]);
  });

  test('ledger rows alone are committed with the state after them', async () => {
    const accountId = 'DE:dsp:6';
    const failed = ledgerRow({ accountId, executionId: 'f1', rowCount: 0, clicks: null });
    const { states } = await load([
      JSON.stringify({
        type: 'RECORD',
        stream: 'extractions',
        // What no warehouse can hold is left out.
        record: { ...failed, status: 'failed', reason: 'no\u0000 answer' },
      }),
      stateMessage([partitionChange({ accountId })], { run: RUN }),
    ]);
    expect(states).toHaveLength(1);
    expect(
      await warehouse.rows('extractions', ['status', 'reason'], `account_id = '${accountId}'`),
    ).toEqual([['failed', 'no answer']]);
    expect(
      await warehouse.rows(
        '_traffic_events_state',
        ['stream', 'run_id'],
        `account_id = '${accountId}'`,
      ),
    ).toEqual([['dsp_clicks', 'run-1']]);
  });

  test('a state that claims more than the warehouse has is refused, with the range', async () => {
    const accountId = 'DE:dsp:7';
    await load(messagesOf({ accountId, executionId: 'g1', eventDate: '2026-01-03', rows: [] }));
    const given = stateMessage([partitionChange({ accountId, bookmark: DATE })]);
    const { states, failure } = await warehouse.load([given, ...SCHEMAS]);
    expect(states).toEqual([]);
    expect(String(failure)).toContain(
      `claims slices that this warehouse does not have: dsp_clicks ${accountId} 2026-01-01 to 2026-01-02; dsp_clicks ${accountId} 2026-01-04 to 2026-01-05.`,
    );
  });

  test('a state that the warehouse has is let through, and not taken for a closing', async () => {
    const accountId = 'DE:dsp:8';
    const { mark } = sliceResult({ accountId, executionId: 'h1', rows: [] });
    const given = stateMessage([partitionChange({ accountId })], {
      slice: mark,
      run: { id: 'run-0', started_at: '2026-01-01T00:00:00Z' },
    });
    const { states, failure } = await warehouse.load([given, ...SCHEMAS]);
    expect([states.length, failure]).toEqual([1, undefined]);
    expect(await ledger(accountId)).toEqual([]);
  });

  test('a late target of an old tap run is refused by the run it carries', async () => {
    const accountId = 'DE:dsp:9';
    await load(messagesOf({ accountId, executionId: 'i1', rows: [] }));
    const late = sliceMessages(
      sliceResult({ accountId, executionId: 'i2', rows: [] }),
      [],
      partitionChange({ accountId }),
      { id: 'run-0', started_at: '2026-01-08T00:00:00.000Z' },
    );
    const { states, failure } = await load(late);
    expect(states).toEqual([]);
    expect(String(failure)).toContain(
      'this run began at 2026-01-08T00:00:00.000Z, before run run-1',
    );
  });

  test('an account in another time zone than the one that is held is refused, with rows and without', async () => {
    const held = 'DE:dsp:17@Asia/Tokyo';
    await load(messagesOf({ accountId: held, executionId: 'z1', rows: [row('4')] }));
    const accountId = 'DE:dsp:17';
    for (const rows of [[row('5')], []]) {
      const { states, failure } = await load(messagesOf({ accountId, executionId: 'z2', rows }));
      expect(states).toEqual([]);
      expect(failure).toMatchObject({ code: 'zone_changed', accountId, heldAs: held });
    }
    expect([await clicks(accountId), await ledger(accountId)]).toEqual([[], []]);
    expect(await clicks(held)).toEqual([[DATE, 'z1', '4']]);
  });

  /** Loads a slice in whose middle other messages come; a slice before it waits meanwhile. */
  async function interrupted(accountId: string, middle: readonly string[], before: string[] = []) {
    const earlier = messagesOf({
      accountId,
      eventDate: '2026-01-04',
      executionId: 'm0',
      rows: [row('1')],
    });
    const [first, ...rest] = messagesOf({
      accountId,
      executionId: 'm1',
      rows: [row('4'), row('5')],
    });
    return load([...before, ...earlier, first ?? '', ...middle, ...rest]);
  }
  const both = [
    ['2026-01-04', 'm0', '1'],
    [DATE, 'm1', '4'],
    [DATE, 'm1', '5'],
  ];

  describe('a value of a slice that is refused', () => {
    const beyond = row('9223372036854775808');
    const dated = (accountId: string, eventDate: string, rows = [row('4')], id = eventDate) => ({
      accountId,
      eventDate,
      executionId: `${accountId}-${id}`,
      rows,
    });

    test('fails its slice alone: the ledger says so, and no state claims it', async () => {
      const [bad, good] = ['DE:dsp:61', 'UK:dsp:61'];
      const slices = [
        ...told(dated(bad, '2026-01-01'), { [bad]: '2026-01-01' }),
        ...told(dated(bad, '2026-01-02', [row('1'), beyond, row('2')]), { [bad]: '2026-01-02' }),
        ...told(dated(bad, '2026-01-03'), { [bad]: '2026-01-03' }),
        ...told(dated(good, '2026-01-01'), { [bad]: '2026-01-03', [good]: '2026-01-01' }),
      ];
      const { states, failure, log } = await load(slices);
      expect(failure).toMatchObject({ name: 'SliceError', code: 'slice' });
      expect(String(failure)).toContain(
        `Slice dsp_clicks ${bad} 2026-01-02: it was refused, and everything else loaded: Stream dsp_clicks: record {"execution_id":"${bad}-2026-01-02","row_number":2}: property clicks is 9223372036854775808, beyond`,
      );
      expect(log.filter(({ message }) => message === 'slice.failed')).toHaveLength(1);
      expect((await clicks(bad)).map(([date]) => date)).toEqual(['2026-01-01', '2026-01-03']);
      expect(await clicks(good)).toHaveLength(1);
      expect((await ledger(bad)).map(([, status]) => status)).toEqual([
        'settled',
        'failed',
        'settled',
      ]);
      const last = states.at(-1) as { bookmarks: object };
      expect(last.bookmarks).toEqual({
        dsp_clicks: {
          partitions: [partitionAt(bad, '2026-01-01'), partitionAt(good, '2026-01-01')],
        },
      });
      const saved = await warehouse.rows(
        '_traffic_events_state',
        ['state:json'],
        `account_id = '${bad}'`,
      );
      expect(saved.flat()[0]).toContain('"bookmark":"2026-01-01"');
      // The next run begins where the warehouse stands.
      const again = [
        JSON.stringify({ type: 'STATE', value: last }),
        ...SCHEMAS,
        ...told(dated(bad, '2026-01-02', [row('5')], 'again'), { [bad]: '2026-01-03' }),
      ];
      expect((await warehouse.load(again)).failure).toBeUndefined();
      expect(await clicks(bad)).toContainEqual(['2026-01-02', `${bad}-again`, '5']);
    });

    test('fails it alone among those that one STATE closes, of which it was the first', async () => {
      const accounts = ['DE:dsp:62', 'UK:dsp:62'];
      const fixtures = accounts.map((id, at) => dated(id, DATE, [at === 0 ? beyond : row('6')]));
      const marks = fixtures.map((fixture) => sliceResult(fixture).mark);
      const changes = accounts.map((accountId) => partitionChange({ accountId, bookmark: DATE }));
      const { states, failure } = await load([
        ...fixtures.flatMap((fixture) => messagesOf(fixture).slice(0, -1)),
        stateMessage(changes, { slice: ofNoExecution(marks), slices: marks, run: RUN }),
      ]);
      expect(String(failure)).toContain(`Slice dsp_clicks DE:dsp:62 ${DATE}: it was refused`);
      expect(states).toMatchObject([
        { bookmarks: { dsp_clicks: { partitions: [{ context: { account_id: 'UK:dsp:62' } }] } } },
      ]);
      expect(await clicks('DE:dsp:62')).toEqual([]);
      expect(await clicks('UK:dsp:62')).toHaveLength(1);
      expect((await ledger('DE:dsp:62')).map(([, status]) => status)).toEqual(['failed']);
    });
  });

  describe('in the middle of a slice', () => {
    test.each([
      [
        'a SCHEMA of another stream whose rows wait',
        'users',
        [usersSchema('integer'), user(1)],
        [usersSchema('number'), user(2)],
        ['1', '2'],
      ],
      [
        'rows of another stream that get a version',
        'versioned',
        [usersSchema('integer', 'versioned'), user(1, 'versioned')],
        [user(2, 'versioned', { version: 2 })],
        ['1', '2'],
      ],
      [
        'ACTIVATE_VERSION of another stream',
        'activated',
        [usersSchema('integer', 'activated'), user(1, 'activated', { version: 1 })],
        [
          user(2, 'activated', { version: 2 }),
          JSON.stringify({ type: 'ACTIVATE_VERSION', stream: 'activated', version: 2 }),
        ],
        ['1', '2'],
      ],
    ])('%s leaves the slice whole', async (_, stream, before, middle, ids) => {
      const accountId = `DE:dsp:middle-${stream}`;
      const { states, failure } = await interrupted(accountId, middle, before);
      expect(failure).toBeUndefined();
      expect(states.at(-1)).toMatchObject({ slice: { execution_id: 'm1' } });
      expect(await clicks(accountId)).toEqual(both);
      const found = await warehouse.rows(stream, ['id']);
      expect(found.map(([id]) => String(Number(id)))).toEqual(ids);
    });

    test('a SCHEMA of its own stream, and of the ledger, that says the same leaves it whole', async () => {
      const accountId = 'DE:dsp:10';
      const { failure } = await interrupted(accountId, SCHEMAS);
      expect(failure).toBeUndefined();
      expect(await clicks(accountId)).toEqual(both);
    });

    test('a SCHEMA of its own stream that widens a column leaves it whole', async () => {
      const accountId = 'DE:dsp:18';
      const wide = { ...CLICKS, stream: 'dsp_widened' };
      const properties = {
        ...(CLICKS.schema['properties'] as object),
        clicks: { type: ['null', 'number'] },
      };
      const fixture = {
        accountId,
        stream: wide.stream,
        executionId: 'w1',
        rows: [row('4'), row('5')],
      };
      const [first = '', second = '', ...closing] = messagesOf(fixture);
      const { failure } = await load([
        schemaMessage(wide),
        first,
        schemaMessage({ ...wide, schema: { ...wide.schema, properties } }),
        second.replace('"clicks":5', '"clicks":5.5'),
        ...closing,
      ]);
      expect(failure).toBeUndefined();
      expect(await warehouse.rows(wide.stream, ['clicks'])).toEqual([['4'], ['5.5']]);
    });

    test('a SCHEMA of its own stream with other columns is refused, and says what to do', async () => {
      const accountId = 'DE:dsp:11';
      const properties = { ...(CLICKS.schema['properties'] as object), more: { type: 'string' } };
      const wider = schemaMessage({ ...CLICKS, schema: { ...CLICKS.schema, properties } });
      const { failure } = await interrupted(accountId, [wider]);
      expect(String(failure)).toContain(
        `The SCHEMA of stream dsp_clicks changes its columns in the middle of slice dsp_clicks ${accountId} 2026-01-05. Have the tap send it behind the STATE that closes the slice.`,
      );
      expect(await clicks(accountId)).not.toContainEqual([DATE, 'm1', '4']);
    });

    test('a STATE of another tap is passed on, and the slice stays whole', async () => {
      const accountId = 'DE:dsp:12';
      const { states, failure } = await interrupted(accountId, [
        usersSchema('integer', 'others'),
        user(1, 'others'),
        JSON.stringify({ type: 'STATE', value: { others: 1 } }),
      ]);
      expect(failure).toBeUndefined();
      expect(states.at(-1)).toMatchObject({ slice: { execution_id: 'm1' } });
      expect(await clicks(accountId)).toEqual(both);
    });

    test('more rows of another stream than may wait are committed, the slice stays whole', async () => {
      const accountId = 'DE:dsp:13';
      const many = Array.from({ length: 30 }, (_, id) => user(id, 'crowd'));
      const [first, ...rest] = messagesOf({
        accountId,
        executionId: 'm1',
        rows: [row('4'), row('5')],
      });
      const lines = [usersSchema('integer', 'crowd'), first ?? '', ...many, ...rest];
      const { failure } = await warehouse.load([...SCHEMAS, ...lines], {
        drain: { maxRows: 20, maxBytes: 1e9, maxAgeMs: 60_000 },
      });
      expect(failure).toBeUndefined();
      expect(await clicks(accountId)).toEqual(both.slice(1));
      expect(await warehouse.rows('crowd', ['id'])).toHaveLength(30);
    });
  });

  describe('rows of a slice by BATCH', () => {
    let directory: string;
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'traffic-events-batch-'));
    });
    afterAll(() => rm(directory, { recursive: true }));
    const head = `{"type":"RECORD","stream":"${CLICKS.stream}","record":`;

    /** The same messages, with the rows in files: the first in a plain one, the rest zipped. */
    async function byBatch(fixture: SliceFixture, plainRows = 1): Promise<string[]> {
      const messages = messagesOf(fixture);
      const rows = messages.slice(0, -2).map((line) => line.replace(head, '').slice(0, -1));
      const plain = join(directory, `${fixture.executionId}.jsonl`);
      const zipped = join(directory, `${fixture.executionId}.jsonl.gz`);
      await writeFile(plain, rows.slice(0, plainRows).join('\n'));
      await writeFile(zipped, gzipSync(rows.slice(1).join('\n')));
      const files = [
        [plain, undefined],
        [zipped, 'gzip'],
      ] as const;
      const batches = files.map(([path, compression]) =>
        JSON.stringify({
          type: 'BATCH',
          stream: CLICKS.stream,
          encoding: { format: 'jsonl', compression },
          manifest: [pathToFileURL(path).href],
        }),
      );
      return [...batches, ...messages.slice(-2)];
    }
    const rows = [row('9007199254740993', 'a\t"\\'), [null, null, '3', 'true'], row('2', 'ü')];

    test('files end in the same rows as records, and replace what was there', async () => {
      await load(messagesOf({ accountId: 'DE:dsp:14', executionId: 'n1', rows }));
      const expected = await all('DE:dsp:14');
      expect(expected).toHaveLength(3);
      const accountId = 'DE:dsp:15';
      await load(messagesOf({ accountId, executionId: 'n0', settled: false, rows }));
      const fixture = { accountId, executionId: 'n1', rows };
      const { states, failure } = await load(await byBatch(fixture));
      expect([states.length, failure]).toEqual([1, undefined]);
      expect(await all(accountId)).toEqual(expected);
    });

    test('a file that lacks a row fails the slice, and nothing of it is kept', async () => {
      const accountId = 'DE:dsp:16';
      const { states, failure } = await load(
        await byBatch({ accountId, executionId: 'n2', rows }, 0),
      );
      expect(states).toEqual([]);
      expect(String(failure)).toContain('its STATE declares 3 rows, but 2 arrived');
      expect([await clicks(accountId), await ledger(accountId)]).toEqual([[], []]);
    });
  });
}
