import type { EventDate } from './event-date.ts';

/** The unit that is extracted, replaced and accounted for. */
export interface SliceKey {
  readonly stream: string;
  /** `DE:dsp:1234`, with `@Europe/Berlin` added where the zone is not UTC. */
  readonly accountId: string;
  readonly eventDate: EventDate;
}

/** How slices stand of which a copy may be held. */
export const HOLDING_STATUSES = ['open', 'settled', 'frozen', 'partial'] as const;
export const SLICE_STATUSES = [...HOLDING_STATUSES, 'missed'] as const;

/** How a slice stands. All but `open` are closed: no better copy can be had. */
export type SliceStatus = (typeof SLICE_STATUSES)[number];

/** One line for logs and messages: `dsp_clicks DE:dsp:1234 2026-01-31`. */
export function describeSlice(slice: SliceKey): string {
  return `${slice.stream} ${slice.accountId} ${slice.eventDate}`;
}

/**
 * `slice` inside the value of the STATE that closes a slice, as it stands on the wire. The interval
 * is declared, never inferred from rows, so a slice without rows is a slice too.
 */
export interface SliceMark {
  readonly stream: string;
  readonly account_id: string;
  readonly event_date: EventDate;
  readonly execution_id: string;
  readonly row_count: number;
  readonly complete: boolean;
  readonly settled: boolean;
  readonly suspect: boolean;
}

/** `run` inside the value of a STATE: which run said it, and since when that run goes. */
export interface RunMark {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly started_at: string;
}

/** JSON schema key of slice streams: the columns whose values name one slice. */
export const REPLACE_BY_KEY = 'x-replace-by';
export const REPLACE_BY = ['account_id', 'event_date'] as const;

/** What identifies a row of a slice stream. */
export const SLICE_KEY_PROPERTIES = ['execution_id', 'row_number'] as const;
