import { accountKey } from '@traffic-events/client';
import type { TruthRow } from '@traffic-events/simulator';

import type { JudgedSlice } from './judged-slice.ts';
import type { PlayedWorld } from './play-world.ts';
import type { ListedSimulation } from './world.ts';

/** When everything has arrived, whatever has expired. */
export const FAR_FUTURE_MS = Date.parse('2100-01-01T00:00:00Z');

type Question = Pick<JudgedSlice, 'account' | 'stream' | 'date'>;

/** What really happened, by the simulator's own account of its events and executions. */
export class WorldTruth {
  readonly #played: PlayedWorld;
  readonly #executions: ReadonlyMap<string, ListedSimulation>;
  readonly #rows = new Map<string, Promise<TruthRow | undefined>>();

  constructor(played: PlayedWorld) {
    this.#played = played;
    this.#executions = new Map(played.executions.map((each) => [each.id, each]));
  }

  execution(id: string): ListedSimulation | undefined {
    return this.#executions.get(id);
  }

  /** Undefined for an execution that there never was. */
  createTimeMs(executionId: string): number | undefined {
    const execution = this.execution(executionId);
    return execution === undefined ? undefined : Date.parse(execution.createTime);
  }

  /** Sums of a slice at an instant. */
  async at({ account, stream, date }: Question, asOfMs: number): Promise<TruthRow | undefined> {
    const dataSource = stream.aggregate?.dataSource;
    if (dataSource === undefined) throw new TypeError(`${stream.name} has no table`);
    const id = accountKey(account);
    const key = `${id} ${dataSource} ${date} ${asOfMs}`;
    let row = this.#rows.get(key);
    if (row === undefined) {
      const question = { account: id, dataSource, from: date, to: date, asOfMs };
      row = this.#played.world.simulator.truth(question).then(([first]) => first);
      this.#rows.set(key, row);
    }
    return await row;
  }
}
