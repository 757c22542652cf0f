import { accountKey } from '@traffic-events/client';
import type { Account, DataSource, DataSourceName, MarketplaceCode } from '@traffic-events/client';
import type { EventTables } from '../events/event-tables.ts';
import type { Behaviour, BehaviourOverrides } from '../settings/behaviour.ts';
import { Switches } from '../settings/switches.ts';
import type { AccountSettings } from '../settings/settings.ts';

export interface SimulatedAccountOptions {
  readonly settings: AccountSettings;
  readonly behaviour: Behaviour;
  readonly tables: EventTables;
}

/** An account of the simulated API: its events, and how the API behaves towards it. */
export class SimulatedAccount {
  /** `DE:dsp:1234` or `UK:entity:ENTITY1`. */
  readonly key: string;
  readonly kind: AccountSettings['kind'];
  readonly marketplace: MarketplaceCode;
  /** The advertiser's or the entity's id. */
  readonly id: string;
  readonly tables: EventTables;
  /** Spellings of the account header that requests have come with. */
  readonly headerSpellings = new Set<string>();
  readonly #switches: Switches;

  constructor(options: SimulatedAccountOptions) {
    const { settings } = options;
    this.key = keyOfAccount(settings);
    this.kind = settings.kind;
    this.marketplace = settings.marketplace;
    this.id = settings.kind === 'dsp' ? settings.advertiserId : settings.entityId;
    this.tables = options.tables;
    this.#switches = new Switches(options.behaviour);
  }

  get behaviour(): Behaviour {
    return this.#switches.current;
  }

  changeBehaviour(overrides: BehaviourOverrides): void {
    this.#switches.change(overrides);
  }

  /** Sponsored ads entities see sponsored ads tables; DSP advertisers all the others. */
  offers(source: DataSource): boolean {
    return (source.accountKind === 'sponsored_ads') === (this.kind === 'sponsored_ads');
  }

  rows(source: DataSourceName): Promise<string> {
    return this.tables.rows(source);
  }
}

/** The key of an account, its zone left out: the API knows none. */
export function keyOfAccount(settings: AccountSettings): string {
  const { marketplace } = settings;
  const account: Account =
    settings.kind === 'dsp'
      ? { kind: 'dsp', marketplace, advertiserId: settings.advertiserId }
      : { kind: 'sponsored_ads', marketplace, entityId: settings.entityId };
  return accountKey(account);
}
