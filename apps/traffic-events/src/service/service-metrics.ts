import type { Clock, LogFields, Logger } from '@traffic-events/client';
import type { ExitCode } from '@traffic-events/program';
import type { InstantMs } from '@traffic-events/slice';
import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { StreamStanding } from './standing.ts';

const SLICE = ['account_id', 'stream'] as const;
const PREFIX = 'traffic_events_';

/** Of the events of a run, those that say what became of a slice. */
const OUTCOMES: Readonly<Record<string, string>> = {
  'slice.loaded': 'loaded',
  'slice.kept': 'kept',
  'slice.failed': 'failed',
  'slice.missed': 'missed',
  'slice.partial': 'partial',
  'slice.frozen': 'frozen',
};

/** What a service tells Prometheus: counted from what its runs log, and from how the warehouse stands. */
export class ServiceMetrics {
  readonly registry = new Registry();
  readonly #runs = this.#counter('runs_total', 'Runs that have ended, by exit code.', 'exit_code');
  readonly #slices = this.#counter('slices_total', 'Slices by outcome.', ...SLICE, 'outcome');
  readonly #rows = this.#counter('rows_total', 'Rows of slices that were loaded.', ...SLICE);
  readonly #requests = this.#counter(
    'api_requests_total',
    'Calls of the API by status; `none` where no answer came.',
    'operation',
    'status',
  );
  readonly #retries = this.#counter(
    'api_retries_total',
    'Calls of the API that were made again.',
    'operation',
  );
  readonly #duration = this.#gauge('last_run_duration_seconds', 'How long the last run took.');
  readonly #ended = this.#gauge('last_run_timestamp_seconds', 'When the last run ended.');
  readonly #succeeded = this.#gauge(
    'last_success_timestamp_seconds',
    'When the last run ended that was done.',
  );
  readonly #next = this.#gauge('next_run_timestamp_seconds', 'When the next run begins.');
  readonly #open = this.#gauge('open_dates', 'Dates of which a better copy can be had.', ...SLICE);
  readonly #missed = this.#gauge('missed_dates', 'Dates that are lost.', ...SLICE);
  readonly #share = this.#gauge(
    'suppressed_ratio',
    'Share of the main metric in suppressed rows, of the slice loaded last.',
    ...SLICE,
  );
  #standing: readonly StreamStanding[] = [];

  constructor(clock: Pick<Clock, 'now'>) {
    this.registry.registerMetric(expiryGauge(() => this.#standing, clock));
    collectDefaultMetrics({ register: this.registry });
  }

  /** The same logger, whose events are counted as well. */
  counting(logger: Logger): Logger {
    return {
      debug: (fields, event) => {
        if (event === 'request.answered')
          this.#requests.inc(labelsOf(fields, ['operation', 'status']));
        logger.debug(fields, event);
      },
      info: (fields, event) => {
        this.#count(fields, event);
        logger.info(fields, event);
      },
      warn: (fields, event) => {
        this.#count(fields, event);
        logger.warn(fields, event);
      },
      error: (fields, event) => {
        this.#count(fields, event);
        logger.error(fields, event);
      },
    };
  }

  runEnded(code: ExitCode, beganMs: InstantMs, endedMs: InstantMs): void {
    this.#runs.inc({ exit_code: String(code) });
    this.#duration.set((endedMs - beganMs) / 1000);
    this.#ended.set(endedMs / 1000);
    if (code === 0) this.#succeeded.set(endedMs / 1000);
  }

  nextRunAt(ms: InstantMs): void {
    this.#next.set(ms / 1000);
  }

  /** How the warehouse stands from now on. */
  observe(standing: readonly StreamStanding[]): void {
    this.#standing = standing;
    this.#open.reset();
    this.#missed.reset();
    for (const { account_id, stream, open, missed } of standing) {
      this.#open.set({ account_id, stream }, open);
      this.#missed.set({ account_id, stream }, missed);
    }
  }

  #count(fields: LogFields, event: string): void {
    if (event === 'request.retried') this.#retries.inc(labelsOf(fields, ['operation']));
    const outcome = OUTCOMES[event];
    if (outcome === undefined) return;
    const slice = labelsOf(fields, SLICE);
    this.#slices.inc({ ...slice, outcome });
    if (event !== 'slice.loaded') return;
    this.#rows.inc(slice, Number(fields['row_count']));
    const share = fields['suppressed_share'];
    if (typeof share === 'number') this.#share.set(slice, share);
  }

  #counter<Label extends string>(name: string, help: string, ...labelNames: Label[]) {
    return new Counter({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }

  #gauge<Label extends string>(name: string, help: string, ...labelNames: Label[]) {
    return new Gauge({ name: `${PREFIX}${name}`, help, labelNames, registers: [this.registry] });
  }
}

/** Time goes on between runs: it is told as of the moment that it is asked for. */
function expiryGauge(standing: () => readonly StreamStanding[], clock: Pick<Clock, 'now'>) {
  return new Gauge({
    name: `${PREFIX}nearest_expiry_seconds`,
    help: 'Time until the first date without a complete copy begins to expire.',
    labelNames: SLICE,
    registers: [],
    collect() {
      this.reset();
      for (const { account_id, stream, expiresMs } of standing()) {
        if (expiresMs === null) continue;
        this.set({ account_id, stream }, (expiresMs - clock.now()) / 1000);
      }
    },
  });
}

function labelsOf<Label extends string>(
  fields: LogFields,
  names: readonly Label[],
): Record<Label, string> {
  return Object.fromEntries(names.map((name) => [name, String(fields[name])])) as Record<
    Label,
    string
  >;
}
