import { DEFINITIONS_KEY } from '@traffic-events/slice';
import type { RunMark, SliceOutcome } from '@traffic-events/slice';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultSink } from '../../result-sink.ts';
import {
  CLICKS,
  DATE,
  LEDGER,
  ledgerRow,
  partitionChange,
  RUN,
  schemaMessage,
  sliceMessages,
  sliceResult,
} from '../slice-fixtures.ts';
import type { SliceFixture } from '../slice-fixtures.ts';
import type { MakeWarehouse, WarehouseUnderTest } from '../warehouse-under-test.ts';

const deliver = (
  sink: ResultSink,
  fixture: SliceFixture,
  bookmark: string | null = null,
): Promise<SliceOutcome> =>
  sink.slice(sliceResult(fixture), partitionChange({ ...fixture, bookmark }));
const EXTRACTED_AT = '2026-01-09T06:20:00Z';
const clicked = (count: string) => [['a', '1', count, 'false']];

const bookmarkOf = ({ rows }: SliceFixture) => (rows[0]?.[0] === 'ü' ? DATE : null);

/** What every warehouse promises of results that are loaded straight into it. */
export function sinkContract(make: MakeWarehouse): void {
  let warehouse: WarehouseUnderTest;
  beforeAll(async () => {
    warehouse = await make();
  });
  afterAll(() => warehouse.drop());

  async function withSink<T>(
    accounts: readonly string[],
    work: (sink: ResultSink) => Promise<T>,
    run: RunMark = RUN,
  ): Promise<T> {
    const sink = warehouse.sink();
    try {
      await sink.open(run, [CLICKS], accounts);
      return await work(sink);
    } finally {
      await sink.close();
    }
  }
  const clicks = (accountId: string) =>
    warehouse.rows('dsp_clicks', ['execution_id', 'clicks'], `account_id = '${accountId}'`);
  const ledger = (accountId: string) =>
    warehouse.rows('extractions', ['extraction_id', 'status'], `account_id = '${accountId}'`);

  test('a slice, its ledger row and its state arrive together and exactly', async () => {
    const accountId = 'UK:dsp:1';
    const rows = [
      ['a\tb\\n\n"c"\'`', '123456789012345678', '9007199254740993', 'false'],
      [null, null, '5', 'true'],
      ['', '1', null, 'false'],
    ];
    const outcome = await withSink([accountId], (sink) =>
      deliver(sink, { accountId, executionId: 'a1', rows }, DATE),
    );
    expect(outcome).toEqual({ kind: 'applied' });
    const columns = ['row_number', 'campaign', 'campaign_id', 'clicks', 'filtered'];
    const others = ['account_id', 'marketplace', 'event_date', 'execution_id', 'extracted_at'];
    expect(
      await warehouse.rows('dsp_clicks', [...columns, ...others], `account_id = '${accountId}'`),
    ).toEqual(
      rows.map((cells, index) => [
        String(index + 1),
        ...cells,
        accountId,
        'UK',
        DATE,
        'a1',
        EXTRACTED_AT,
      ]),
    );
    expect(
      await warehouse.rows(
        'extractions',
        ['extraction_id', 'status', 'row_count'],
        `account_id = '${accountId}'`,
      ),
    ).toEqual([['a1', 'settled', '3']]);
    const sink = warehouse.sink();
    expect(await sink.readStates([accountId])).toEqual([
      partitionChange({ accountId, bookmark: DATE }),
    ]);
    expect(await sink.readStates(['UK:dsp:none'])).toEqual([]);
    expect(await sink.readStates([])).toEqual([]);
    await sink.close();
    expect(await warehouse.status()).toContainEqual({
      ...partitionChange({ accountId, bookmark: DATE }),
      runId: 'run-1',
      savedAt: expect.any(Date),
      missedDates: [],
      failures: [],
    });
  });

  test('what fingerprints stand for is entered with their first and their last use', async () => {
    const [accountId, stream] = ['DE:dsp:57', 'defined'];
    const told = {
      fingerprint: 'f-1',
      time_zone: 'Europe/Berlin',
      kind: 'sql',
      query: "SELECT 'it''s' -- `x`\n",
      columns: [{ name: 'clicks', role: 'metric', type: 'LONG' }],
    };
    const schema = { ...CLICKS.schema, [DEFINITIONS_KEY]: [told] };
    const described = { ...CLICKS, stream, schema };
    const names = ['fingerprint', 'time_zone', 'kind', 'query', 'columns:json'];
    const entered = (where: string) =>
      warehouse.rows('definitions', names, `stream = '${stream}' AND ${where}`);
    const fixture = { accountId, stream, executionId: 'd1', rows: clicked('1') };
    const sink = warehouse.sink();
    await sink.open(RUN, [described], [accountId]);
    await deliver(sink, fixture);
    await sink.close();
    const row = [told.fingerprint, told.time_zone, told.kind, told.query, told.columns];
    const asText = row.map((cell) => (typeof cell === 'string' ? cell : JSON.stringify(cell)));
    expect(await entered('first_used_at = last_used_at')).toEqual([asText]);
    const result = sliceResult({ ...fixture, executionId: 'd2' });
    const messages = sliceMessages(result, fixture.rows, partitionChange(fixture));
    const retyped = { ...told, columns: [{ ...told.columns[0], type: 'DECIMAL' }] };
    const again = { ...described, schema: { ...schema, [DEFINITIONS_KEY]: [retyped] } };
    await warehouse.load([schemaMessage(again), schemaMessage(LEDGER), ...messages]);
    expect(await entered('first_used_at < last_used_at')).toEqual([
      [...asText.slice(0, -1), JSON.stringify(retyped.columns)],
    ]);
    const wrong = { ...schema, [DEFINITIONS_KEY]: [{ fingerprint: 1 }] };
    const { failure } = await warehouse.load([schemaMessage({ ...described, schema: wrong })]);
    expect(String(failure)).toContain('x-definitions is not a list of definitions: 0.fingerprint');
  });

  test('a stream whose definitions cannot be entered is refused by name, and others are not', async () => {
    const told = {
      fingerprint: 'f',
      time_zone: 'UTC',
      kind: 'sql',
      query: 'SELECT 1',
      columns: [],
    };
    const streams = [
      [told, told],
      [{ ...told, query: 'a\0b' }],
      [{ ...told, query: '\ud800' }],
      [],
    ].map((definitions, index) => ({
      ...CLICKS,
      stream: `odd_definitions_${index}`,
      schema: { ...CLICKS.schema, [DEFINITIONS_KEY]: definitions },
    }));
    const sink = warehouse.sink();
    const refused = await sink.open(RUN, streams, ['DE:dsp:58']);
    await sink.close();
    const problems = [
      'has a fingerprint twice',
      ...[1, 2].map(() => '0.query holds U+0000 or half'),
    ];
    expect(refused).toEqual(
      problems.map((problem, index) => ({
        stream: `odd_definitions_${index}`,
        reason: expect.stringMatching(
          new RegExp(
            `^Stream odd_definitions_${index}: x-definitions .*${problem.replace('+', '\\+')}`,
          ),
        ) as string,
      })),
    );
  });

  test('slices of several streams are of one execution, and one that is wrong fails alone', async () => {
    const accountId = 'DE:dsp:56';
    const shared = { accountId, executionId: 'shared', isShared: true };
    const sink = warehouse.sink();
    const streams = ['dsp_clicks', 'dsp_views', 'dsp_empty'];
    await sink.open(
      RUN,
      streams.map((stream) => ({ ...CLICKS, stream })),
      [accountId],
    );
    const outcomeOf = async (fixture: Pick<SliceFixture, 'stream' | 'rows'>) =>
      (await deliver(sink, { ...shared, ...fixture })).kind;
    expect(await outcomeOf({ rows: clicked('4') })).toBe('applied');
    const wrong = { stream: 'dsp_views', rows: [['a', 'seven', '5', 'false']] };
    expect(await outcomeOf(wrong)).toBe('refused');
    expect(await outcomeOf({ stream: 'dsp_empty', rows: [] })).toBe('applied');
    await sink.close();
    expect(await clicks(accountId)).toEqual([['shared', '4']]);
    expect(await ledger(accountId)).toEqual([
      ['shared:dsp_clicks', 'settled'],
      ['shared:dsp_empty', 'settled'],
    ]);
  });

  test('a better copy replaces, a poorer one is entered with its reason', async () => {
    const accountId = 'UK:dsp:2';
    await withSink([accountId], async (sink) => {
      await deliver(sink, {
        accountId,
        executionId: 'b1',
        settled: false,
        createTime: '2026-01-06T06:00:00Z',
        rows: clicked('4'),
      });
      await deliver(sink, { accountId, executionId: 'b2', rows: clicked('6') });
      const kept = await deliver(sink, {
        accountId,
        executionId: 'b3',
        complete: false,
        createTime: '2026-02-20T06:00:00Z',
        rows: clicked('3'),
      });
      const held = {
        executionId: 'b2',
        complete: true,
        settled: true,
        suspect: false,
        rowCount: 1,
      };
      expect(kept).toEqual({
        kind: 'kept_better',
        suspect: false,
        reason: 'part of it had expired; the copy of execution b2 is kept',
        held: expect.objectContaining({ ...held, mainSum: '6' }) as object,
      });
      const suspect = await deliver(sink, {
        accountId,
        executionId: 'b4',
        createTime: '2026-01-10T06:00:00Z',
        rows: clicked('2'),
      });
      expect(suspect).toMatchObject({
        kind: 'kept_better',
        reason: /main sum 2 is below half of 6/,
      });
    });
    expect(await clicks(accountId)).toEqual([['b2', '6']]);
    expect(
      await warehouse.rows(
        'extractions',
        ['extraction_id', 'status', 'complete', 'suspect'],
        `account_id = '${accountId}'`,
      ),
    ).toEqual([
      ['b1', 'open', 'true', 'false'],
      ['b2', 'settled', 'true', 'false'],
      ['b3', 'kept_better', 'false', 'false'],
      ['b4', 'kept_better', 'true', 'true'],
    ]);
  });

  test('sums of two definitions are not compared, ranks are', async () => {
    const accountId = 'UK:dsp:14';
    await withSink([accountId], async (sink) => {
      await deliver(sink, { accountId, executionId: 'x1', rows: clicked('10') });
      const other = { accountId, createTime: '2026-01-10T06:00:00Z', fingerprint: 'fp2' };
      const empty = await deliver(sink, { ...other, executionId: 'x2', rows: [] });
      expect(empty).toMatchObject({ kind: 'kept_better', suspect: true });
      const partial = { ...other, executionId: 'x3', complete: false, rows: clicked('9') };
      expect(await deliver(sink, partial)).toMatchObject({ kind: 'kept_better', suspect: false });
      const small = await deliver(sink, { ...other, executionId: 'x4', rows: clicked('1') });
      expect(small).toEqual({ kind: 'applied' });
    });
    expect(await clicks(accountId)).toEqual([['x4', '1']]);
  });

  test('the same execution again changes nothing', async () => {
    const accountId = 'UK:dsp:3';
    const fixture = { accountId, executionId: 'c1', rows: [...clicked('4'), ...clicked('5')] };
    await withSink([accountId], (sink) => deliver(sink, fixture));
    const before = [await clicks(accountId), await ledger(accountId)];
    await withSink([accountId], (sink) => deliver(sink, fixture));
    expect([await clicks(accountId), await ledger(accountId)]).toEqual(before);
  });

  test('an empty slice is a slice too, and a failure never overwrites the row that says what is held', async () => {
    const accountId = 'UK:dsp:4';
    await withSink([accountId], async (sink) => {
      await deliver(sink, { accountId, executionId: 'd1', rows: [] });
      const failed = ledgerRow({ accountId, executionId: 'd1', rowCount: 0, clicks: null });
      await sink.ledger([{ ...failed, status: 'failed', reason: 'too late' }], []);
      const other = ledgerRow({ accountId, executionId: 'd2', rowCount: 0, clicks: null });
      await sink.ledger([{ ...other, status: 'failed', reason: "it's refused" }], []);
    });
    expect(await clicks(accountId)).toEqual([]);
    expect(
      await warehouse.rows(
        'extractions',
        ['extraction_id', 'status', 'row_count', 'reason'],
        `account_id = '${accountId}'`,
      ),
    ).toEqual([
      ['d1', 'settled', '0', null],
      ['d2', 'failed', '0', "it's refused"],
    ]);
  });

  test('a wrong row count leaves nothing', async () => {
    const accountId = 'UK:dsp:5';
    const wrong = { accountId, executionId: 'e1', rows: clicked('4'), declaredRowCount: 2 };
    await expect(withSink([accountId], (sink) => deliver(sink, wrong))).rejects.toThrow(
      /^Slice dsp_clicks UK:dsp:5 2026-01-05: .*2 rows.* 1\b.* Nothing of it was kept\./,
    );
    expect([await clicks(accountId), await ledger(accountId)]).toEqual([[], []]);
  });

  test('a slice that cannot be taken is refused, leaves what is held, and stops nothing', async () => {
    const accountId = 'UK:dsp:61';
    await withSink([accountId], async (sink) => {
      await deliver(sink, { accountId, executionId: 'r1', rows: clicked('4') }, '2026-01-05');
      const bad = deliver(sink, {
        accountId,
        executionId: 'r2',
        createTime: '2026-01-10T06:00:00Z',
        rows: [...clicked('1'), ['b', 'seven', '2', 'false']],
      });
      if (!sink.mayOverlap) await bad;
      const beside = await deliver(sink, {
        accountId,
        executionId: 'r3',
        eventDate: '2026-01-06',
        rows: [],
      });
      const refused = await bad;
      expect(refused).toMatchObject({
        kind: 'refused',
        reason: expect.stringMatching(/cannot take/),
      });
      expect(beside).toEqual({ kind: 'applied' });
    });
    expect(await clicks(accountId)).toEqual([['r1', '4']]);
    expect(await ledger(accountId)).toEqual([
      ['r1', 'settled'],
      ['r3', 'settled'],
    ]);
  });

  test('the same advertiser in two marketplaces is two accounts', async () => {
    const accounts = ['UK:dsp:6', 'DE:dsp:6'] as const;
    await withSink(accounts, async (sink) => {
      for (const [index, accountId] of accounts.entries()) {
        await deliver(sink, { accountId, executionId: `f${index}`, rows: clicked('4') });
      }
      await deliver(sink, {
        accountId: accounts[0],
        executionId: 'f2',
        createTime: '2026-01-10T06:00:00Z',
        rows: clicked('5'),
      });
    });
    expect(await clicks(accounts[0])).toEqual([['f2', '5']]);
    expect(await clicks(accounts[1])).toEqual([['f1', '4']]);
  });

  test('a slice whose statements are refused fails alone, also among those that are committed together', async () => {
    const accountId = 'UK:dsp:gone';
    const [stream, kept] = ['gone_clicks', 'kept_clicks'];
    const sink = warehouse.sink();
    await sink.open(
      RUN,
      [stream, kept].map((each) => ({ ...CLICKS, stream: each })),
      [accountId],
    );
    await warehouse.change(`DROP TABLE {${stream}}`);
    const calls: Promise<SliceOutcome>[] = [];
    for (const [at, each] of [kept, stream, kept, stream].entries()) {
      const eventDate = `2026-01-0${at + 1}`;
      const slice = { stream: each, accountId, eventDate, executionId: `gone${at}` };
      const call = deliver(sink, { ...slice, rows: clicked('1') });
      calls.push(call);
      if (!sink.mayOverlap) await call;
    }
    expect(await Promise.all(calls)).toMatchObject([
      { kind: 'applied' },
      { kind: 'refused', reason: expect.stringContaining(stream) },
      { kind: 'applied' },
      { kind: 'refused' },
    ]);
    await sink.ledger([], [partitionChange({ stream: kept, accountId })]);
    await sink.close();
    expect(await warehouse.rows(kept, ['event_date'], `account_id = '${accountId}'`)).toEqual([
      ['2026-01-01'],
      ['2026-01-03'],
    ]);
  });

  test('a run that began before the last committed one is refused', async () => {
    const accountId = 'UK:dsp:7';
    await withSink([accountId], (sink) =>
      deliver(sink, { accountId, executionId: 'g1', rows: [] }),
    );
    const older = { id: 'run-0', started_at: '2026-01-08T06:00:00.000Z' };
    await expect(withSink([accountId], () => Promise.resolve(), older)).rejects.toThrow(
      `Account ${accountId}: this run began at 2026-01-08T06:00:00.000Z, before run run-1 (begun 2026-01-09T06:00:00.000Z), which has already been loaded.`,
    );
  });

  test('what is delivered before the sink is opened, or of another stream, is refused', async () => {
    const accountId = 'UK:dsp:8';
    const sink = warehouse.sink();
    await expect(sink.state(partitionChange({ accountId }))).rejects.toThrow(
      'The sink was given data before it was opened.',
    );
    await sink.open(RUN, [CLICKS], [accountId]);
    const other = { accountId, stream: 'dsp_views', executionId: 'h1', rows: [] };
    await expect(deliver(sink, other)).rejects.toThrow(
      'Stream dsp_views: it was not among the streams that the sink was opened with.',
    );
    await sink.close();
  });

  test('a slice that is held is never entered as missed', async () => {
    const accountId = 'UK:dsp:held';
    const missed = (eventDate: string) => ({
      ...ledgerRow({ accountId, executionId: 'none', eventDate, rowCount: 0, clicks: null }),
      extraction_id: `close:dsp_clicks:${accountId}:${eventDate}`,
      status: 'missed' as const,
      execution_id: null,
    });
    await withSink([accountId], async (sink) => {
      await deliver(sink, { accountId, executionId: 'm1', rows: clicked('4') });
      await sink.ledger([missed(DATE), missed('2026-01-20')], [partitionChange({ accountId })]);
    });
    expect(
      await warehouse.rows('extractions', ['event_date', 'status'], `account_id = '${accountId}'`),
    ).toEqual([
      [DATE, 'settled'],
      ['2026-01-20', 'missed'],
    ]);
  });

  test('of which slices a whole copy is held is told, whatever the state knows', async () => {
    const accountId = 'UK:dsp:whole';
    const key = (eventDate: string) => ({ stream: 'dsp_clicks', accountId, eventDate });
    const part = '2026-01-20';
    const told = await withSink([accountId], async (sink) => {
      await deliver(sink, { accountId, executionId: 'w1', rows: clicked('4') });
      await deliver(sink, {
        accountId,
        executionId: 'w2',
        rows: clicked('4'),
        eventDate: part,
        complete: false,
      });
      expect(await sink.holdsWhole([])).toEqual([]);
      return sink.holdsWhole([key(part), key(DATE), key('2026-01-21')]);
    });
    expect(told).toEqual([key(DATE)]);
  });

  describe('an account in another time zone', () => {
    const UTC = 'UK:dsp:9';
    const BERLIN = `${UTC}@Europe/Berlin`;

    test('is refused before anything is read or written, whatever is configured beside it', async () => {
      await withSink([UTC], (sink) =>
        deliver(sink, { accountId: UTC, executionId: 'i1', rows: clicked('4') }),
      );
      const sink = warehouse.sink();
      const refusal = `Account ${BERLIN}: the warehouse holds it as ${UTC}. An account's time zone is chosen for good`;
      await expect(sink.readStates(['UK:dsp:10', BERLIN])).rejects.toThrow(refusal);
      await expect(sink.open(RUN, [CLICKS], [BERLIN])).rejects.toThrow(refusal);
      await sink.close();
      await withSink([UTC], (again) =>
        deliver(again, { accountId: UTC, executionId: 'i1', rows: [] }),
      );
    });

    test('is refused where only the ledger, or only a state, knows of the former one', async () => {
      const sink = warehouse.sink();
      await warehouse.change(`DELETE FROM {_traffic_events_state} WHERE account_id = '${UTC}'`);
      await expect(sink.readStates([BERLIN])).rejects.toThrow(`holds it as ${UTC}`);
      await withSink([UTC], (first) => first.state(partitionChange({ accountId: UTC })));
      await warehouse.change(`DELETE FROM {extractions} WHERE account_id = '${UTC}'`);
      await expect(sink.readStates([BERLIN])).rejects.toThrow(`holds it as ${UTC}`);
      await sink.close();
    });

    test('is refused in the same run', async () => {
      const sink = warehouse.sink();
      const accounts = ['UK:dsp:11', 'UK:dsp:11@Europe/Berlin'];
      await expect(sink.readStates(accounts)).rejects.toThrow('holds it as UK:dsp:11');
      await sink.close();
    });
  });

  test('messages and results end in the same tables', async () => {
    const fixtures: readonly SliceFixture[] = [
      {
        executionId: '1',
        settled: false,
        createTime: '2026-01-06T06:00:00.000Z',
        rows: [
          ['a\t"\\', '123456789012345678', '9007199254740993', 'false'],
          [null, null, '3', 'true'],
        ],
      },
      { executionId: '2', rows: [['ü', '1', '9007199254740999', 'false']] },
      { executionId: '3', complete: false, rows: [['x', '1', '1', 'false']] },
      { executionId: '4', eventDate: '2026-02-01', rows: [] },
    ];
    const [told, direct] = ['UK:dsp:told', 'UK:dsp:direct'] as const;
    const of = (accountId: string) =>
      fixtures.map((fixture) => ({
        ...fixture,
        accountId,
        executionId: `${accountId}${fixture.executionId}`,
      }));
    const { failure, states } = await warehouse.load([
      schemaMessage(CLICKS),
      schemaMessage(LEDGER),
      ...of(told).flatMap((fixture) =>
        sliceMessages(
          sliceResult(fixture),
          fixture.rows,
          partitionChange({ ...fixture, bookmark: bookmarkOf(fixture) }),
        ),
      ),
    ]);
    expect(failure).toBeUndefined();
    expect(states.at(-1)).toMatchObject({ slice: { execution_id: `${told}4` } });
    await withSink([direct], async (sink) => {
      for (const fixture of of(direct)) await deliver(sink, fixture, bookmarkOf(fixture));
    });
    const tablesOf = async (accountId: string) => {
      const read = (table: string, columns: readonly string[]) =>
        warehouse.rows(table, columns, `account_id = '${accountId}'`);
      const found = [
        await read('dsp_clicks', ['execution_id', 'campaign', 'clicks', 'row_number']),
        await read('extractions', ['extraction_id', 'status', 'row_count', 'suspect', 'reason']),
        await read('_traffic_events_state', ['stream', 'run_id']),
        await read('_traffic_events_leases', ['run_id', 'heartbeat_at']),
      ];
      return JSON.stringify(found).replaceAll(accountId, '');
    };
    expect(await tablesOf(told)).toEqual(await tablesOf(direct));
    expect(await clicks(direct)).toEqual([[`${direct}2`, '9007199254740999']]);
    const sink = warehouse.sink();
    const [left, right] = await sink.readStates([told, direct]);
    expect(left?.state).toEqual(right?.state);
    await sink.close();
  });
}
