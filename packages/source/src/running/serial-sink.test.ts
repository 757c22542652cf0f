import type { LedgerRow, PartitionChange } from '@traffic-events/slice';
import { expect, it } from 'vitest';

import { newPartition } from '../state/partition.ts';
import { SerialSink } from './serial-sink.ts';
import { MemorySink } from '../testing/memory-sink.ts';

const change: PartitionChange = {
  stream: 's',
  accountId: 'DE:dsp:1',
  state: newPartition('f', '2026-01-01'),
};

/** Its calls of `state` and `ledger` take until they are ended. */
class SlowSink extends MemorySink {
  readonly mayOverlap: boolean;
  readonly underWay: PromiseWithResolvers<void>[] = [];

  constructor(mayOverlap: boolean) {
    super();
    this.mayOverlap = mayOverlap;
  }

  override async state(state: PartitionChange): Promise<void> {
    await this.#take(super.state(state));
  }

  override async ledger(
    rows: readonly LedgerRow[],
    changes: readonly PartitionChange[],
  ): Promise<void> {
    await this.#take(super.ledger(rows, changes));
  }

  override async close(): Promise<void> {
    this.calls.push('close');
  }

  async #take(taken: Promise<void>): Promise<void> {
    const call = Promise.withResolvers<void>();
    this.underWay.push(call);
    await Promise.all([taken, call.promise]);
  }
}

/** Whatever is ready to go on has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

it.each([false, true])(
  'delivers nothing more after a failure, and says why each time (mayOverlap: %s)',
  async (mayOverlap) => {
    const memory = Object.assign(new MemorySink(), { mayOverlap });
    const sink = new SerialSink(memory);
    await sink.state(change);
    memory.onCall = () => {
      throw new Error('the warehouse is gone');
    };
    await expect(sink.state(change)).rejects.toThrow('the warehouse is gone');
    const failing = [sink.state(change), sink.ledger([], [change]), sink.ready(), sink.close()];
    for (const call of failing) await expect(call).rejects.toThrow('the warehouse is gone');
    expect(memory.calls).toEqual(['state', 'state']);
  },
);

it('lets no calls overlap unless the sink says so', async () => {
  const slow = new SlowSink(false);
  const sink = new SerialSink(slow);
  const calls = [sink.state(change), sink.ledger([], [change]), sink.close()];
  await settled();
  expect(slow.calls).toEqual(['state']);
  slow.underWay[0]?.resolve();
  await settled();
  expect(slow.calls).toEqual(['state', 'changes']);
  slow.underWay[1]?.resolve();
  await Promise.all(calls);
  expect(slow.calls).toEqual(['state', 'changes', 'close']);
});

it('hands calls on at once and in order where they may overlap, and closes after all of them', async () => {
  const slow = new SlowSink(true);
  const sink = new SerialSink(slow);
  const calls = [sink.state(change), sink.ledger([], [change])];
  expect(slow.calls).toEqual(['state', 'changes']);
  const closed = sink.close();
  slow.underWay[1]?.resolve();
  await calls[1];
  expect(slow.calls).toEqual(['state', 'changes']);
  slow.underWay[0]?.resolve();
  await closed;
  expect(slow.calls).toEqual(['state', 'changes', 'close']);
});

it('fails the calls that wait behind one that fails', async () => {
  const memory = new MemorySink();
  const sink = new SerialSink(memory);
  memory.onCall = () => {
    throw new Error('the warehouse is gone');
  };
  const failing = [sink.state(change), sink.ledger([], [change]), sink.close()];
  for (const call of failing) await expect(call).rejects.toThrow('the warehouse is gone');
  expect(memory.calls).toEqual(['state']);
});
