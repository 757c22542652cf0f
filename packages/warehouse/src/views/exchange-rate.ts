import type { Clock } from '@traffic-events/client';
import type { EventDate } from '@traffic-events/slice';

/** What one unit of a currency is in another on a date. */
export interface ExchangeRate {
  readonly date: EventDate;
  /** ISO 4217. */
  readonly from: string;
  readonly to: string;
  /** Decimal text, above 0. */
  readonly rate: string;
  /** Date of whose rates it is: an earlier one where none are published, as on Sundays. */
  readonly publishedOn: EventDate;
}

/** What views show money in, and what they tell the time by. */
export interface ViewSettings {
  /** ISO 4217 code by account_id; those of other accounts stay. */
  readonly currencies?: Readonly<Record<string, string>> | undefined;
  /** ISO 4217 code in which every account's costs are shown as well; stays as it is unless given. */
  readonly reportingCurrency?: string | undefined;
  /** The warehouse's own time unless it is a simulated one. */
  readonly clock?: Clock | undefined;
}
