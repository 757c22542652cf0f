import { DEFINITIONS_KEY } from '@traffic-events/slice';
import { expect, test } from 'vitest';

import { withStreams } from './account-streams.ts';
import { builtInStreams } from './default-streams.ts';
import { describeStreams } from './describe-streams.ts';

const accountIn = (timeZone: string | undefined, id: string) =>
  withStreams(
    {
      kind: 'dsp',
      marketplace: 'DE',
      advertiserId: id,
      ...(timeZone === undefined ? {} : { timeZone }),
    },
    builtInStreams(),
  );

test('a stream tells what each fingerprint of it stands for, as it is sent', () => {
  const accounts = [
    accountIn(undefined, '1'),
    accountIn('Europe/Berlin', '2'),
    accountIn(undefined, '3'),
  ];
  const streams = describeStreams(accounts);
  const told = (name: string) =>
    streams.find(({ stream }) => stream === name)?.schema[DEFINITIONS_KEY];
  const [clicks, report] = ['dsp_clicks', 'ivt_report'].map((name) =>
    accounts[0]?.streams.get(name),
  );
  const { query } = clicks?.definition ?? {};
  const sql = query?.kind === 'sql' ? query.sqlQuery : undefined;
  expect(told('dsp_clicks')).toEqual(
    [
      ['UTC', clicks?.fingerprint],
      ['Europe/Berlin', accounts[1]?.streams.get('dsp_clicks')?.fingerprint],
    ].map(([time_zone, fingerprint]) => ({
      fingerprint,
      time_zone,
      kind: 'sql',
      query: sql,
      columns: expect.arrayContaining([{ name: 'clicks', type: 'LONG', role: 'metric' }]) as object,
    })),
  );
  expect(told('ivt_report')).toMatchObject([
    {
      fingerprint: report?.fingerprint,
      kind: 'template',
      query: JSON.stringify(report?.definition.query),
    },
  ]);
  expect(told('extractions')).toBeUndefined();
});
