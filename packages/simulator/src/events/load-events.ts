import type { Database } from '../database/database.ts';
import { keyOfAccount } from '../accounts/account.ts';
import { SimulatorSettingsError } from '../settings/simulator-settings-error.ts';
import type { SimulatorSettings } from '../settings/settings.ts';
import type { EventSet } from './event-set.ts';
import { generateEvents } from './generate-events.ts';
import { readEventFile } from './read-event-file.ts';

const DAY_MS = 86_400_000;

/** Finds the events of an account by its key. */
export type EventSets = (accountKey: string) => EventSet;

export async function loadEvents(
  settings: SimulatorSettings,
  context: { database: Database; nowMs: number },
): Promise<EventSets> {
  const { events } = settings;
  if (events.kind === 'file') return fromFile(settings, context);
  const { seed, days, eventsPerDay } = events;
  const fromDate = events.fromDate ?? dateOf(context.nowMs - days * DAY_MS);
  return (account) => generateEvents({ account, seed, fromDate, days, eventsPerDay });
}

async function fromFile(
  settings: SimulatorSettings,
  context: { database: Database; nowMs: number },
): Promise<EventSets> {
  if (settings.events.kind !== 'file') return () => NO_EVENTS;
  const { path, lastEventDate = dateOf(context.nowMs - DAY_MS) } = settings.events;
  const dsp = accountFor(settings, 'dsp', settings.events.dsp);
  const sponsoredAds = accountFor(settings, 'sponsored_ads', settings.events.sponsoredAds);
  const file = await context.database.use((connection) =>
    readEventFile(connection, { path, lastEventDate }),
  );
  return (account) => {
    if (account === dsp) return file.dsp;
    return account === sponsoredAds ? file.sponsoredAds : NO_EVENTS;
  };
}

function accountFor(
  settings: SimulatorSettings,
  kind: 'dsp' | 'sponsored_ads',
  wanted: string | undefined,
): string {
  const keys = settings.accounts.filter((each) => each.kind === kind).map(keyOfAccount);
  const found = wanted === undefined ? keys[0] : keys.find((key) => key === wanted);
  if (found !== undefined) return found;
  throw new SimulatorSettingsError(
    `Events from a file need an account of kind ${kind}${wanted === undefined ? '' : ` with key ${wanted}`}; there are ${keys.join(', ') || 'none'}`,
  );
}

const NO_EVENTS: EventSet = {
  advertiser: 'No events',
  placements: [],
  supplySources: [],
  users: { kind: 'listed', ids: [] },
  batches: () => [],
};

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
