import type { SimulatedAccount } from '../accounts/account.ts';
import { seededRandom } from '../events/random.ts';
import type { DurationSettings } from '../settings/behaviour.ts';
import type { Phases } from './execution.ts';

/** Share of an execution that it waits before it runs. */
const PENDING_SHARE = 0.2;

/** Durations, one for each execution of an account in the order of their creation. */
export class Durations {
  readonly #drawn = new Map<string, () => Phases>();

  /** `branches`: SELECTs that the rows come from. */
  next(account: SimulatedAccount, branches: number): Phases {
    const settings = account.behaviour.executionDurationMs;
    const key = `${account.key} ${JSON.stringify(settings)}`;
    const draw = this.#drawn.get(key) ?? phasesFrom(settings, account.key);
    this.#drawn.set(key, draw);
    const factor = 1 + account.behaviour.unionSlowdown * (branches - 1);
    const { pendingMs, runningMs, publishingMs } = draw();
    return { pendingMs, runningMs: runningMs * factor, publishingMs };
  }
}

function phasesFrom(settings: DurationSettings, account: string): () => Phases {
  if (typeof settings === 'number') return () => split(settings);
  if ('pendingMs' in settings) return () => settings;
  const random = seededRandom(`durations/${settings.seed}/${account}`);
  return () => split(settings.medianMs * Math.exp(settings.sigma * random.normal()));
}

function split(totalMs: number): Phases {
  const pendingMs = totalMs * PENDING_SHARE;
  return { pendingMs, runningMs: totalMs - pendingMs, publishingMs: 0 };
}
