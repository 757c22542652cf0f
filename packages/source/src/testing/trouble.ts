import type { BehaviourOverrides, Fault, Operation } from '@traffic-events/simulator';

import { HOUR_MS } from '../streams/timing.ts';
import type { SeededRandom } from './seeded-random.ts';

type FaultInput = Partial<Fault> & Pick<Fault, 'kind'>;

/** Requests of a run, counted from 1 and by the time since it began. */
export interface Strike {
  readonly operation: Operation | readonly Operation[];
  readonly fault: FaultInput;
  readonly from?: number;
  /** Null for all that follow. */
  readonly times: number | null;
  readonly afterMs?: number;
  readonly forMs?: number;
}

/** Something that goes wrong while a run goes on. */
export type Trouble =
  /** A share of the API's answers is struck by faults that pass. */
  | { readonly kind: 'seeded'; readonly share: number }
  | { readonly kind: 'strikes'; readonly what: string; readonly strikes: readonly Strike[] }
  /** Nobody listens where paths match, for a time. */
  | {
      readonly kind: 'cut';
      readonly path: string;
      readonly afterMs: number;
      readonly forMs: number;
    }
  | { readonly kind: 'behaviour'; readonly change: BehaviourOverrides }
  /** The sink cannot take one slice of so many, always the same ones. */
  | { readonly kind: 'refused_values'; readonly oneIn: number }
  /** The disk of the archive is full at one of so many results. */
  | { readonly kind: 'archive_full'; readonly oneIn: number }
  /** The disk of the spool has room for a few small results; where none can be mounted, for all. */
  | { readonly kind: 'spool_full'; readonly kibibytes: number };

const MINUTE_MS = 60_000;

const OUTAGES: readonly (readonly Operation[])[] = [
  ['token'],
  ['create'],
  ['get'],
  ['list'],
  ['download_urls'],
  ['download'],
  ['token', 'create', 'get', 'list', 'download_urls', 'download', 'metadata'],
];

const OUTAGE_FAULTS: readonly FaultInput[] = [
  { kind: 'server_error', status: 503 },
  { kind: 'server_error', status: 502, shape: 'html' },
  { kind: 'connection_reset' },
  { kind: 'rate_limited', retryAfter: 'none' },
  { kind: 'foreign_page', status: 200 },
  { kind: 'foreign_page', status: 403 },
  { kind: 'malformed' },
];

/** Of the paths of requests: everything, creates and lists, single executions, their files. */
const CUT_PATHS = ['', '/workflowexecutions$', '/workflowexecutions/', 'token', 'download'];

/** Slots that executions which never end, and those that others hold, may take: each as many. */
const MOST_TAKEN = 2;

type Maker = (random: SeededRandom) => Trouble | readonly Trouble[];

const MAKERS: readonly Maker[] = [
  (random) => ({ kind: 'seeded', share: random.pick([0.05, 0.1, 0.2]) }),
  outage,
  outage,
  (random) => ({
    kind: 'cut',
    path: random.pick(CUT_PATHS),
    afterMs: random.pick([0, 0, 5_000, 40_000]),
    forMs: outageMs(random),
  }),
  (random) => endings(random, 'execution_fails', random.integer(1, 6)),
  (random) => endings(random, 'execution_rejected', 1),
  (random) => endings(random, 'execution_cancelled', random.integer(1, 3)),
  (random) => endings(random, 'execution_unknown_status', random.integer(1, 3)),
  (random) => endings(random, 'execution_never_ends', random.integer(1, MOST_TAKEN)),
  (random) => endings(random, 'execution_denied', random.integer(1, 3)),
  (random) =>
    strikes('repeated 401', {
      operation: random.pick(['get', 'list', 'create', 'download_urls'] as const),
      fault: { kind: 'unauthorized' },
      from: random.integer(1, 3),
      times: random.integer(1, 12),
    }),
  (random) =>
    strikes('access lost', {
      operation: random.pick([['get', 'list', 'create', 'download_urls'], ['get']] as const),
      fault: { kind: 'no_access', status: random.pick([401, 403] as const) },
      times: null,
      afterMs: random.pick([0, 10_000, 30_000]),
    }),
  (random) =>
    strikes('lost answers', {
      operation: 'create',
      fault: { kind: 'answer_lost' },
      from: random.integer(1, 4),
      times: random.integer(1, 8),
    }),
  (random) =>
    strikes('broken files', {
      operation: 'download',
      fault: random.pick<FaultInput>([
        { kind: 'truncated', share: 0.5 },
        { kind: 'url_refused', status: 400 },
        { kind: 'url_refused', status: 403 },
      ]),
      times: random.integer(1, 15),
    }),
  (random) => [
    { kind: 'behaviour', change: { gzip: random.pick([true, 'twice'] as const) } },
    strikes('cut gzip', {
      operation: 'download',
      fault: { kind: 'shortened', share: random.pick([0.1, 0.5, 0.9]) },
      from: random.integer(1, 3),
      times: random.integer(1, 10),
    }),
  ],
  (random) =>
    strikes('lists of no files', {
      operation: 'download_urls',
      fault: random.pick<FaultInput>([{ kind: 'no_urls' }, { kind: 'wrong_urls' }]),
      from: random.integer(1, 3),
      // Each result is asked for three times.
      times: random.pick([3, 12, 60, null]),
    }),
  (random) => ({ kind: 'behaviour', change: { slotsHeldByOthers: random.integer(1, MOST_TAKEN) } }),
  (random) => ({ kind: 'behaviour', change: { overlapLimit: random.integer(1, 2) } }),
  () => ({ kind: 'behaviour', change: { dataGaps: ['an hour is missing'] } }),
  (random) => ({ kind: 'refused_values', oneIn: random.pick([2, 3, 7]) }),
  (random) => ({ kind: 'refused_values', oneIn: random.pick([2, 3, 7]) }),
  (random) => ({ kind: 'archive_full', oneIn: random.pick([2, 3, 5]) }),
];

/** None mostly, of those that there are one, seldom two. */
export function makeTroubles(random: SeededRandom): Trouble[] {
  const count = random.pick([0, 0, 1, 1, 2]);
  return Array.from({ length: count }, () => random.pick(MAKERS)(random)).flat();
}

/** Whether it makes executions that never end, and so takes slots for good. */
export function isEndless(trouble: Trouble): boolean {
  return trouble.kind === 'strikes' && trouble.what === 'execution_never_ends';
}

function outage(random: SeededRandom): Trouble {
  return strikes('outage', {
    operation: random.pick(OUTAGES),
    fault: random.pick(OUTAGE_FAULTS),
    times: null,
    afterMs: random.pick([0, 0, 10_000, 30_000, 10 * MINUTE_MS]),
    forMs: outageMs(random),
  });
}

/** Minutes to hours. */
function outageMs(random: SeededRandom): number {
  return random.pick([MINUTE_MS, 4 * MINUTE_MS, 25 * MINUTE_MS, 6 * HOUR_MS]);
}

function endings(random: SeededRandom, kind: Fault['kind'], times: number): Trouble {
  return strikes(kind, { operation: 'create', fault: { kind }, from: random.integer(1, 4), times });
}

function strikes(what: string, ...all: readonly Strike[]): Trouble {
  return { kind: 'strikes', what, strikes: all };
}
