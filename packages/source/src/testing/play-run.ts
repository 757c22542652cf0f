import type { Account } from '@traffic-events/client';
import { behaviourSchema, makeFaultPlan } from '@traffic-events/simulator';
import type { StruckFault } from '@traffic-events/simulator';
import type { Copy, PartitionChange, SliceResult } from '@traffic-events/slice';

import type { Archive } from '../archive/archive.ts';
import { DefinitionChangedError } from '../errors.ts';
import type { RunSummary } from '../running/run-summary.ts';
import type { RunSyncOptions } from '../running/run-sync.ts';
import { FullArchive } from './full-archive.ts';
import type { PlannedRun, PlannedWorld, ZoneNames } from './generate-world.ts';
import type { MemorySink } from './memory-sink.ts';
import { canMount, tinyDisk } from './tiny-disk.ts';
import type { TinyDisk } from './tiny-disk.ts';
import type { Strike, Trouble } from './trouble.ts';
import { untrueClaims } from './untrue-claims.ts';
import type { World } from './world.ts';

/** A run as it went. */
export interface PlayedRun {
  readonly plan: PlannedRun;
  readonly startedMs: number;
  readonly endedMs: number;
  /** Undefined where it died, or was refused as a whole. */
  readonly summary: RunSummary | undefined;
  /** Its configuration is not what the state belongs to, and it said so. */
  readonly wasRefused: boolean;
  readonly hasDied: boolean;
  /** What was held and saved when it ended. */
  readonly held: ReadonlyMap<string, Copy>;
  readonly state: readonly PartitionChange[];
  /** Rows of the ledger before it and after it. */
  readonly ledgerFrom: number;
  readonly ledgerTo: number;
  readonly struck: readonly StruckFault[];
}

export interface PlayContext {
  readonly world: World;
  readonly sink: MemorySink;
  readonly planned: PlannedWorld;
  readonly archive: Archive | undefined;
  /** Takes what the state claims and is not so. */
  readonly claims: Set<string>;
}

class Killed extends Error {}

/** Whether its configuration must be refused, once there is a state that it does not fit. */
export function mustBeRefused({ zones, definition, accept }: PlannedRun): boolean {
  return zones === 'other' || (definition === 1 && accept === null);
}

export async function playRun(plan: PlannedRun, context: PlayContext): Promise<PlayedRun> {
  const { world, sink } = context;
  const startedMs = world.time.clock.now();
  const ledgerFrom = sink.ledgerRows.length;
  if (plan.stateLost) sink.savedState = [];
  const isRefused = mustBeRefused(plan) && sink.savedState.length > 0;
  const isLeftOut = mustBeRefused(plan) && !isRefused;
  await makeTrouble(plan, context);
  const ended = isLeftOut ? LEFT_OUT : await outcomeOf(plan, context);
  const struck = await world.struck();
  await endTrouble(plan, context);
  return {
    ...ended,
    plan,
    startedMs,
    endedMs: world.time.clock.now(),
    held: new Map([...sink.slices].map(([name, { copy }]) => [name, copy])),
    state: sink.savedState,
    ledgerFrom,
    ledgerTo: sink.ledgerRows.length,
    struck,
  };
}

type Ended = Pick<PlayedRun, 'summary' | 'wasRefused' | 'hasDied'>;

const LEFT_OUT: Ended = { summary: undefined, wasRefused: true, hasDied: false };

async function outcomeOf(plan: PlannedRun, context: PlayContext): Promise<Ended> {
  const { world, sink, claims } = context;
  const stop = new AbortController();
  using disk = tinyDiskOf(plan);
  let calls = 0;
  sink.onCall = () => {
    for (const claim of untrueClaims(sink)) claims.add(claim);
    if (calls === plan.stopsAt) stop.abort();
    if (calls++ === plan.diesAt) throw new Killed();
  };
  try {
    const summary = await world.run(sink, {
      ...optionsOf(plan, context),
      ...(disk !== undefined && { directory: disk.folder }),
      signal: stop.signal,
    });
    return { summary, wasRefused: false, hasDied: false };
  } catch (error) {
    if (error instanceof DefinitionChangedError && mustBeRefused(plan)) {
      return { summary: undefined, wasRefused: true, hasDied: false };
    }
    if (!(error instanceof Killed)) throw error;
    return { summary: undefined, wasRefused: false, hasDied: true };
  } finally {
    sink.onCall = () => {};
  }
}

function tinyDiskOf({ troubles }: PlannedRun): TinyDisk | undefined {
  const full = troubles.find(({ kind }) => kind === 'spool_full');
  return full?.kind === 'spool_full' && canMount() ? tinyDisk(full.kibibytes) : undefined;
}

function optionsOf(plan: PlannedRun, { planned, archive }: PlayContext): Partial<RunSyncOptions> {
  const kinds = new Set(planned.accounts.map(({ kind }) => kind));
  const streams = planned.definitions[plan.definition].filter(({ accountKind }) =>
    kinds.has(accountKind),
  );
  const full = plan.troubles.find(({ kind }) => kind === 'archive_full');
  const kept =
    archive !== undefined && full?.kind === 'archive_full'
      ? new FullArchive(archive, full.oneIn)
      : archive;
  return {
    accounts: planned.accounts.map((account) => inZone(account, plan.zones)),
    streams,
    bundle: planned.bundle,
    startDate: plan.startDate,
    ...(plan.maxDurationMs !== undefined && { maxDurationMs: plan.maxDurationMs }),
    ...(plan.accept !== null && {
      accept: { streams: streams.map(({ name }) => name), acceptance: plan.accept },
    }),
    ...(kept !== undefined && { archive: kept }),
  };
}

const ALIASES: Readonly<Record<string, string>> = {
  UTC: 'Etc/UTC',
  'America/Los_Angeles': 'US/Pacific',
  'Australia/Lord_Howe': 'Australia/LHI',
};
const OTHER_ZONE = 'Europe/Berlin';

function inZone(account: Account, zones: ZoneNames): Account {
  if (zones === 'own') return account;
  const alias = ALIASES[account.timeZone ?? 'UTC'];
  if (alias === undefined) throw new TypeError(`${account.timeZone} has no alias here`);
  return { ...account, timeZone: zones === 'alias' ? alias : OTHER_ZONE };
}

async function makeTrouble({ troubles }: PlannedRun, context: PlayContext): Promise<void> {
  const { world, sink, planned } = context;
  const startedMs = world.time.clock.now();
  const rules = troubles.flatMap((trouble) => rulesOf(trouble, planned.seed, startedMs));
  await world.control('faults', { rules });
  for (const trouble of troubles) {
    if (trouble.kind === 'behaviour') await world.control('behaviour', trouble.change);
    if (trouble.kind === 'refused_values') {
      sink.refuse = (result) =>
        isStruck(nameOf(result), trouble.oneIn)
          ? { kind: 'refused', reason: 'column campaign: "a" does not fit', row: 1 }
          : undefined;
    }
    if (trouble.kind === 'cut') {
      const pattern = new RegExp(trouble.path);
      world.network.isCut = (path) => {
        const sinceMs = world.time.clock.now() - startedMs - trouble.afterMs;
        return sinceMs >= 0 && sinceMs < trouble.forMs && pattern.test(path);
      };
    }
  }
}

async function endTrouble({ troubles }: PlannedRun, context: PlayContext): Promise<void> {
  const { world, sink, planned } = context;
  sink.refuse = () => undefined;
  world.network.isCut = () => false;
  const usual = { ...behaviourSchema.parse({}), ...planned.behaviour };
  for (const trouble of troubles) {
    if (trouble.kind !== 'behaviour') continue;
    const names = Object.keys(trouble.change) as (keyof typeof usual)[];
    const before = Object.fromEntries(names.map((name) => [name, usual[name]]));
    await world.control('behaviour', before);
  }
}

function rulesOf(trouble: Trouble, seed: number, startedMs: number): object[] {
  if (trouble.kind === 'strikes') return trouble.strikes.map((strike) => ruleOf(strike, startedMs));
  if (trouble.kind !== 'seeded') return [];
  const operations = ['create', 'get', 'list', 'download_urls', 'download'] as const;
  const { share } = trouble;
  return [
    ...makeFaultPlan({ seed, share, requests: 200, operations: [...operations], maxInARow: 2 })
      .rules,
  ];
}

function ruleOf({ afterMs, forMs, ...rule }: Strike, startedMs: number): object {
  const sinceMs = startedMs + (afterMs ?? 0);
  return {
    ...rule,
    ...(afterMs !== undefined && { since: new Date(sinceMs).toISOString() }),
    ...(forMs !== undefined && { until: new Date(sinceMs + forMs).toISOString() }),
  };
}

function nameOf({ mark }: SliceResult): string {
  return `${mark.stream} ${mark.account_id} ${mark.event_date}`;
}

/** Whether a name is one of the unlucky ones, always the same of those of a world. */
export function isStruck(name: string, oneIn: number): boolean {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.charCodeAt(0)) % 1_000_003;
  return sum % oneIn === 0;
}
