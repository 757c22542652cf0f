import { addDays, datesBetween } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { HeldRows } from '@traffic-events/warehouse';
import { html } from 'hono/html';
import { standingAt } from '../status/calendar.ts';
import type { DateStanding } from '../status/calendar.ts';
import type { StreamReport } from '../status/stream-report.ts';
import { grouped } from './figures.ts';
import { agreement, heldRange, sharesOf } from './held-rows.ts';
import type { Html } from './page-document.ts';
import { accountAnchor } from './page-links.ts';
import type { PageLinks } from './page-links.ts';
import { standingCounts, standingLegend, standingName } from './standing-strip.ts';

/** Months of the calendar that a page shows. */
const MONTHS = 6;

export interface AccountContent {
  readonly accountId: string;
  /** Its streams; at least one. */
  readonly streams: readonly StreamReport[];
  /** The last date that is shown. */
  readonly to: EventDate;
  /** Of the last four weeks up to `to`. */
  readonly held: readonly HeldRows[];
  readonly links: PageLinks;
}

/** An account: a calendar of every stream, month by month, and what the tables hold. */
export function accountPage(content: AccountContent): Html[] {
  const { accountId, streams, links } = content;
  const trend = links.trend(accountId);
  return [
    html`<h1 id="${accountAnchor(accountId)}">${accountId}</h1>`,
    ...(trend === undefined ? [] : [html`<p><a href="${trend}">Daily trend</a></p>`]),
    standingLegend(standingCounts(streams.map(({ calendar }) => calendar))),
    ...monthsBefore(content.to).map((month) => monthTable(content, month)),
    olderLink(content),
    heldTable(content),
  ];
}

/** `2026-03`, and those before it, the newest first. */
function monthsBefore(to: EventDate): string[] {
  const first = new Date(`${to.slice(0, 7)}-01T00:00:00Z`);
  return Array.from({ length: MONTHS }, (_, index) => {
    const month = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() - index, 1));
    return month.toISOString().slice(0, 7);
  });
}

function monthTable({ accountId, streams, links, to }: AccountContent, month: string): Html {
  const first = `${month}-01`;
  const next = addDays(first, 31).slice(0, 7);
  const dates = [...datesBetween(first, addDays(`${next}-01`, -1))].filter((date) => date <= to);
  const shown = streams.filter(({ calendar }) =>
    calendar.some((span) => span.from <= (dates.at(-1) ?? first) && first <= span.to),
  );
  if (shown.length === 0) return html``;
  const heads = dates.map((date) => {
    const [day, link] = [Number(date.slice(8)), links.date(accountId, date)];
    if (link === undefined) return html`<th scope="col">${day}</th>`;
    return html`<th scope="col"><a href="${link}" title="${date}">${day}</a></th>`;
  });
  const rows = shown.map(
    (stream) =>
      html`<tr><th scope="row">${stream.stream}</th>${dates.map((date) => dateCell(standingAt(stream.calendar, date)))}</tr>
`,
  );
  return html`<h2>${month}</h2><div class="scroll" tabindex="0" role="region" aria-label="${accountId} ${month}"><table class="cal"><thead><tr><th scope="col">stream</th>${heads}</tr></thead><tbody>
${rows}</tbody></table></div>`;
}

/** Told apart by those who do not see the colours. */
const SIGNS: Readonly<Record<DateStanding, string>> = {
  whole: '✓',
  provisional: '~',
  open: '·',
  at_risk: '!',
  frozen: 'F',
  partial: 'P',
  missed: '×',
};

function dateCell(standing: DateStanding | undefined): Html {
  if (standing === undefined) return html`<td></td>`;
  return html`<td class="${standing}" title="${standingName(standing)}">${SIGNS[standing]}</td>`;
}

function olderLink({ accountId, streams, links, to }: AccountContent): Html {
  const first = `${monthsBefore(to).at(-1)}-01`;
  const isMore = streams.some(({ calendar }) => (calendar.at(0)?.from ?? first) < first);
  if (!isMore || links.date(accountId, first) === undefined) return html``;
  return html`<p><a href="${links.account(accountId, addDays(first, -1))}">Earlier months</a></p>`;
}

function heldTable({ accountId, held, to }: AccountContent): Html {
  if (held.length === 0) return html``;
  const range = heldRange(to);
  const rows = held.map(
    (each) =>
      html`<tr><th scope="row">${each.stream}</th><td class="n">${grouped(each.rowsHeld)}</td><td class="n">${grouped(each.rowsByLedger)}</td><td>${agreement(each)}</td><td class="wrap">${sharesOf(each).join(', ')}</td></tr>
`,
  );
  return html`<h2>Rows and what is withheld, ${range.from} to ${range.to}</h2><div class="scroll" tabindex="0" role="region" aria-label="Rows of ${accountId}"><table><thead><tr><th scope="col">stream</th><th scope="col" class="n">rows in the table</th><th scope="col" class="n">by the ledger</th><th scope="col"></th><th scope="col">withheld, by metric</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}
