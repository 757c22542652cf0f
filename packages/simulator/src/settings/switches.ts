import type { Behaviour, BehaviourOverrides } from './behaviour.ts';

/** How the API behaves, changeable while it runs. */
export class Switches {
  #current: Behaviour;

  constructor(behaviour: Behaviour) {
    this.#current = Object.freeze(behaviour);
  }

  get current(): Behaviour {
    return this.#current;
  }

  change(overrides: BehaviourOverrides): void {
    const given = Object.entries(overrides).filter(([, value]) => value !== undefined);
    this.#current = Object.freeze({ ...this.#current, ...Object.fromEntries(given) });
  }
}
