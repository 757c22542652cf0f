import { addDays } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { HeldRows } from '@traffic-events/warehouse';
import { html } from 'hono/html';
import { percent, words } from './figures.ts';
import type { Html } from './page-document.ts';

/** The days up to `to` whose rows pages count. */
export function heldRange(to: EventDate): { readonly from: EventDate; readonly to: EventDate } {
  return { from: addDays(to, -27), to };
}

/** Whether the table has the rows that the ledger says. */
export function agreement({ rowsHeld, rowsByLedger }: HeldRows): Html {
  return rowsHeld === rowsByLedger ? html`equal` : html`<b>differ</b>`;
}

/** `Clicks 17.0 %`, by metric. */
export function sharesOf({ withheldShares }: HeldRows): string[] {
  return Object.entries(withheldShares).map(
    ([metric, share]) => `${words(metric)} ${percent(share)}`,
  );
}
