import { accountKey } from '@traffic-events/client';
import type { TruthRow } from '@traffic-events/simulator';
import { eventDateAt } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';

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
  readonly #rows = new Map<string, Promise<TruthRow[]>>();

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
    const dates = asOfMs === FAR_FUTURE_MS ? this.#dates : { from: date, to: date };
    const key = `${accountKey(account)} ${dataSource} ${dates.from} ${asOfMs}`;
    let rows = this.#rows.get(key);
    if (rows === undefined) {
      const question = { account: accountKey(account), dataSource, ...dates, asOfMs };
      rows = this.#played.world.simulator.truth(question);
      this.#rows.set(key, rows);
    }
    return (await rows).find((row) => row.event_date === date);
  }

  /** From the first date that a run can have wanted to the last. */
  get #dates(): { readonly from: EventDate; readonly to: EventDate } {
    const { runs } = this.#played;
    const starts = runs.map(({ plan }) => plan.startDate).sort();
    return { from: starts[0] ?? '', to: eventDateAt(runs.at(-1)?.endedMs ?? 0) };
  }
}
