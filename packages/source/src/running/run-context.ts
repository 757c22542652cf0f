import type { Clock, TrafficEventsClient } from '@traffic-events/client';
import type { EventDate, InstantMs, RefusedStream } from '@traffic-events/slice';

import type { Archive } from '../archive/archive.ts';
import type { Logger } from '@traffic-events/client';
import type { DateRange } from '../planning/plan-partition.ts';
import type { RunTally } from './run-tally.ts';
import type { SerialSink } from './serial-sink.ts';
import type { RunState } from '../state/run-state.ts';

/** What all accounts of a run share. */
export interface RunContext {
  readonly client: TrafficEventsClient;
  readonly clock: Clock;
  /** Calls may overlap: it puts them in order. */
  readonly sink: SerialSink;
  readonly logger: Logger;
  readonly tally: RunTally;
  readonly state: RunState;
  /** Streams that the sink cannot take, by name: they are planned, and not asked for. */
  readonly refusedStreams: Map<string, RefusedStream>;
  readonly runId: string;
  /** API time. */
  readonly startedMs: InstantMs;
  readonly startDate: EventDate;
  /** Asks only for these dates. */
  readonly range: DateRange | undefined;
  /** Executions of an account that may be created on a UTC date; may be Infinity. */
  readonly maxExecutionsPerDay: number;
  /** Keeps the raw results; undefined where they are not kept. */
  readonly archive: Archive | undefined;
  /** Raw results stand here until they are delivered. */
  readonly directory: string;
  /** Whether several slices of a date are asked for by one query. */
  readonly bundle: 'auto' | 'off';
  /** Active executions of an account that this run may hold. */
  readonly slots: number;
  /** Aborted when no more executions are to be created and no more polled for. */
  readonly signal: AbortSignal;
  /** Aborted when the longest duration has passed: only what must not wait is still worked on. */
  readonly timeUpSignal: AbortSignal;
  /** Aborted some seconds after `signal`: until then, what has finished may still be delivered. */
  readonly graceSignal: AbortSignal;
  /** Stops all accounts because of a fault that concerns them all. */
  stop(reason: unknown): void;
}
