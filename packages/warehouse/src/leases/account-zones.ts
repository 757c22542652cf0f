import { otherZoneOf } from '@traffic-events/slice';
import { ZoneChangedError } from '../errors.ts';

/** The accounts that a process writes to, none of them in a time zone that its rows do not have. */
export class AccountZones {
  readonly #admitted = new Set<string>();

  /**
   * Throws `ZoneChangedError` for an account that `known`, all that states and ledger are about, has
   * in another zone only, and for one that this process writes to in another zone as well.
   */
  admit(accounts: readonly string[], known: ReadonlySet<string>): void {
    for (const account of accounts) {
      const held = known.has(account) ? undefined : otherZoneOf(account, known);
      const other = held ?? otherZoneOf(account, this.#admitted);
      if (other !== undefined) throw new ZoneChangedError(account, other);
      this.#admitted.add(account);
    }
  }

  /** They are not written to after all. */
  forget(accounts: readonly string[]): void {
    for (const account of accounts) this.#admitted.delete(account);
  }
}
