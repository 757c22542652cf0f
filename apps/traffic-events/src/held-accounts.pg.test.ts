import { expect, test } from 'vitest';
import type { Account } from '@traffic-events/client';
import type { PartitionState } from '@traffic-events/slice';
import { PostgresSink } from '@traffic-events/warehouse/postgres';
import { createTestDatabase } from '@traffic-events/warehouse/postgres/testing';
import { heldAccounts } from './sync.ts';

const CALCUTTA = 'DE:dsp:2@Asia/Calcutta';
const STATE: PartitionState = {
  fingerprint: 'f1',
  since: '2026-01-01',
  bookmark: '2026-01-05',
  tail: {},
  in_flight: [],
};

const dsp = (advertiserId: string, timeZone: string): Account => ({
  kind: 'dsp',
  marketplace: 'DE',
  advertiserId,
  timeZone,
});

test('accounts go on under the names of their zones that the warehouse has', async () => {
  const database = await createTestDatabase();
  const connection = { url: database.url };
  const held = ['DE:dsp:1@Etc/UTC', CALCUTTA, 'DE:dsp:3@Europe/Berlin'];
  const first = new PostgresSink({ connection });
  await first.open({ id: 'r1', started_at: '2026-01-06T06:00:00.000Z' }, [], held);
  for (const accountId of held) {
    await first.state({ stream: 'dsp_clicks', accountId, state: STATE });
  }
  await first.close();

  const sink = new PostgresSink({ connection });
  const configured = [
    dsp('1', 'UTC'),
    dsp('2', 'Asia/Kolkata'),
    dsp('3', 'Europe/Berlin'),
    dsp('4', 'Asia/Kolkata'),
  ];
  const { accounts, state } = await heldAccounts(sink, configured);
  expect(accounts.map(({ timeZone }) => timeZone)).toEqual([
    'Etc/UTC',
    'Asia/Calcutta',
    'Europe/Berlin',
    'Asia/Kolkata',
  ]);
  expect(state.map(({ accountId }) => accountId).toSorted()).toEqual(held.toSorted());
  await expect(heldAccounts(sink, [dsp('3', 'Europe/Paris')])).rejects.toThrow('chosen for good');
  await sink.close();
  await database.drop();
});
