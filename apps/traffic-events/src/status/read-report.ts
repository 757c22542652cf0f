import { accountKey } from '@traffic-events/client';
import type { Clock } from '@traffic-events/client';
import { accountsOf, listedStreams, notCollected } from '@traffic-events/program/extraction';
import type { NotCollected } from '@traffic-events/program/extraction';
import { asHeld, parseSavedStates, withStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import type { PartitionStatus, StreamCoverage, Warehouse } from '@traffic-events/warehouse';
import type { Config } from '../config.ts';
import { consentStanding } from '../consent/consent-end.ts';
import type { ConsentStanding } from '../consent/consent-end.ts';
import { costsOf } from './costs.ts';
import type { Costs } from './costs.ts';
import { streamReport } from './stream-report.ts';
import type { StreamReport } from './stream-report.ts';
import { verdictOf } from './verdict.ts';
import type { StreamOfAccount, Verdict } from './verdict.ts';

/** What `status --json` prints, whole. */
export interface StatusReport {
  /** When it was, by the clock of the program; ISO 8601, UTC. */
  readonly as_of: string;
  readonly streams: readonly StreamReport[];
  /** Listed, and never loaded. */
  readonly not_started: readonly StreamOfAccount[];
  readonly not_collected: readonly NotCollected[];
  /** Null where nobody has kept the day on which it ends. */
  readonly consent: ConsentStanding | null;
  /** What `--check` would end with, and why. */
  readonly check: Verdict;
  /** Of warehouses that bill what loading costs. */
  readonly costs?: Costs;
}

/** Reads how everything stands, beside whoever is loading. */
export async function readReport(
  config: Config,
  warehouse: Warehouse,
  clock: Clock,
): Promise<StatusReport> {
  const [partitions, coverage, spent] = await Promise.all([
    warehouse.readStatus(),
    warehouse.read((model) => model.coverage()),
    warehouse.readCosts?.(),
  ]);
  const nowMs = clock.now();
  const saved = parseSavedStates(partitions, nowMs);
  const listed = listedBy(config, partitions);
  const streams = reportsOf(saved, coverage, listed, nowMs);
  const started = new Set(partitions.map(keyOf));
  const notStarted = [...listed.values()]
    .filter((each) => !started.has(keyOf(each)))
    .map(({ stream, accountId }) => ({ stream, account_id: accountId }));
  return {
    as_of: new Date(nowMs).toISOString(),
    streams,
    not_started: notStarted,
    not_collected: leftOut(config, partitions),
    consent: consentStanding(config.credentials.consent_ends, nowMs),
    check: verdictOf(streams, notStarted, nowMs),
    ...(spent === undefined ? {} : { costs: costsOf(spent) }),
  };
}

function reportsOf(
  saved: readonly PartitionStatus[],
  coverage: readonly StreamCoverage[],
  listed: ReadonlyMap<string, ListedStream>,
  nowMs: number,
): StreamReport[] {
  const coverageOf = new Map(coverage.map((each) => [keyOf(each), each]));
  return saved.map((partition) => {
    const key = keyOf(partition);
    return streamReport(partition, coverageOf.get(key), listed.get(key)?.definition, nowMs);
  });
}

interface ListedStream {
  readonly stream: string;
  readonly accountId: string;
  readonly definition: StreamDefinition;
}

/** What the configuration asks for, by `keyOf`: also where it would stop a run, which says so itself. */
function listedBy(
  config: Config,
  partitions: readonly PartitionStatus[],
): Map<string, ListedStream> {
  const streams = collectedStreams(config);
  const listed = heldAccounts(config, partitions).flatMap((account) =>
    [...withStreams(account, streams).streams.values()].map(({ definition }) => ({
      stream: definition.name,
      accountId: accountKey(account),
      definition,
    })),
  );
  return new Map(listed.map((each) => [keyOf(each), each]));
}

/** Also where the configuration would stop a run: whoever asks how things stand is told of it. */
function leftOut(config: Config, partitions: readonly PartitionStatus[]): NotCollected[] {
  return notCollected(heldAccounts(config, partitions), collectedStreams(config), partitions);
}

function heldAccounts(config: Config, partitions: readonly PartitionStatus[]) {
  const held = partitions.map(({ accountId }) => accountId);
  return accountsOf(config).map((account) => asHeld(account, held));
}

function collectedStreams(config: Config): StreamDefinition[] {
  return listedStreams(config).filter(({ isDefault }) => isDefault);
}

function keyOf({ stream, accountId }: Pick<PartitionStatus, 'stream' | 'accountId'>): string {
  return `${accountId} ${stream}`;
}
