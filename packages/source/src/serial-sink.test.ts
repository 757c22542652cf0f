import type { PartitionChange } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { newPartition } from './partition.ts';
import { SerialSink } from './serial-sink.ts';
import { MemorySink } from './testing/memory-sink.ts';

const change: PartitionChange = {
  stream: 's',
  accountId: 'DE:dsp:1',
  state: newPartition('f', '2026-01-01'),
};

it('delivers nothing more after a failure, and says why each time', async () => {
  const memory = new MemorySink();
  const sink = new SerialSink(memory);
  await sink.state(change);
  memory.onCall = () => {
    throw new Error('the warehouse is gone');
  };
  const failing = [sink.state(change), sink.ledger([], [change]), sink.close()];
  for (const call of failing) await expect(call).rejects.toThrow('the warehouse is gone');
  expect(memory.calls).toEqual(['state', 'state']);
});
