import type { HeldRows } from '@traffic-events/warehouse';
import { html } from 'hono/html';
import type { InstantMs } from '@traffic-events/slice';
import { describeNotCollected } from '@traffic-events/program/extraction';
import { describeConsent } from '../consent/consent-end.ts';
import type { StatusReport } from '../status/read-report.ts';
import type { StreamReport } from '../status/stream-report.ts';
import { counted, minute, percent } from './figures.ts';
import { agreement, sharesOf } from './held-rows.ts';
import type { Html } from './page-document.ts';
import type { PageLinks } from './page-links.ts';
import { standingCounts, standingLegend, standingStrip, stripRange } from './standing-strip.ts';
import type { StripRange } from './standing-strip.ts';

const DAY_MS = 86_400_000;
const SHOWN_FINDINGS = 20;

/** What keeps the views from showing all that the warehouse holds. */
export interface ViewsLag {
  /** Views that are not what this version would make; undefined where none were ever made. */
  readonly lagging: readonly string[] | undefined;
  /** Accounts whose costs the views cannot show in a currency. */
  readonly withoutCurrency: readonly string[];
}

export interface OverviewContent {
  readonly report: StatusReport;
  readonly views: ViewsLag;
  /** Of the last weeks, by stream and account; none where the table is not there. */
  readonly held: readonly HeldRows[];
  readonly links: PageLinks;
}

/** The first screen: whether every date is whole, and what is not. */
export function overviewPage(content: OverviewContent): Html[] {
  const { report, views } = content;
  const { streams } = report;
  const calendars = streams.map(({ calendar }) => calendar);
  const range = stripRange(calendars);
  return [
    html`<h1>Coverage</h1>`,
    verdictBox(report),
    tiles(report),
    ...(range === undefined ? [] : [standingLegend(standingCounts(calendars))]),
    ...(range === undefined ? [] : [coverageTable(content, range)]),
    notes(report, views),
  ];
}

function verdictBox({ streams, not_started: notStarted, check }: StatusReport): Html {
  if (streams.length + notStarted.length === 0) {
    return html`<p class="verdict">Nothing has been loaded yet. Run <code>traffic-events sync</code>.</p>`;
  }
  if (check.findings.length === 0) {
    return html`<p class="verdict"><b>All is well.</b> No date is at risk, none was lost by the last run, and every stream is asked for.</p>`;
  }
  const shown = check.findings.slice(0, SHOWN_FINDINGS);
  const items = shown.map(
    ({ account_id, stream, text }) => html`<li><b>${account_id}</b> ${stream}: ${text}</li>`,
  );
  const more = check.findings.length - shown.length;
  return html`<section class="verdict bad" aria-label="Findings"><b>${counted(check.findings.length, 'finding')}</b><ul>${items}${more === 0 ? '' : html`<li>and ${more} more</li>`}</ul></section>`;
}

function tiles({ streams, as_of: asOf }: StatusReport): Html {
  const counts = standingCounts(streams.map(({ calendar }) => calendar));
  const accounts = new Set(streams.map(({ account_id: id }) => id)).size;
  const atRisk = counts.get('at_risk') ?? 0;
  const losses = streams.flatMap(({ next_loss_at: at }) => at ?? []).sort();
  const facts: [string, string][] = [
    [String(accounts), accounts === 1 ? 'account' : 'accounts'],
    [String(streams.length), 'streams of accounts'],
    [(counts.get('whole') ?? 0).toLocaleString('en-US'), 'whole dates'],
    [String(atRisk), 'dates at risk'],
    [String(counts.get('missed') ?? 0), 'dates lost'],
    [daysUntil(losses[0] ?? null, Date.parse(asOf)), 'until something is lost'],
  ];
  return html`<ul class="tiles">${facts.map(([value, name]) => html`<li><b>${value}</b><span>${name}</span></li>`)}</ul>`;
}

/** `3.5 d`; a dash where nothing can be lost, because all have a whole copy. */
function daysUntil(instant: string | null, nowMs: InstantMs): string {
  if (instant === null) return '–';
  return `${Math.max(0, (Date.parse(instant) - nowMs) / DAY_MS).toFixed(1)} d`;
}

function coverageTable({ report, held, links }: OverviewContent, range: StripRange): Html {
  const heldOf = new Map(held.map((each) => [`${each.accountId} ${each.stream}`, each]));
  const nowMs = Date.parse(report.as_of);
  const accounts = [...Map.groupBy(report.streams, ({ account_id: id }) => id)];
  const bodies = accounts.map(
    ([accountId, streams]) =>
      html`<tbody><tr class="a"><th colspan="8" scope="rowgroup"><a href="${links.account(accountId)}">${accountId}</a></th></tr>
${streams.map((stream) => streamRow(stream, heldOf.get(`${accountId} ${stream.stream}`), range, nowMs))}</tbody>
`,
  );
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Coverage by account and stream"><table class="over"><thead><tr><th scope="col">stream</th><th scope="col">${range.from} to ${range.to}</th><th scope="col">newest whole</th><th scope="col">lost in</th><th scope="col">last success</th><th scope="col">rows</th><th scope="col">withheld</th><th scope="col">notes</th></tr></thead>
${bodies}</table></div>`;
}

function streamRow(
  stream: StreamReport,
  held: HeldRows | undefined,
  range: StripRange,
  nowMs: InstantMs,
): Html {
  return html`<tr><th scope="row">${stream.stream}</th><td>${standingStrip(stream.calendar, range)}</td><td>${stream.newest_whole_date ?? '–'}</td><td>${daysUntil(stream.next_loss_at, nowMs)}</td><td>${minute(stream.last_success)}</td><td>${held === undefined ? '–' : agreement(held)}</td><td>${withheldCell(stream, held)}</td><td>${troubleOf(stream).join(', ')}</td></tr>
`;
}

/** The share of the main metric, and behind it that of each. */
function withheldCell({ suppressed_share: share }: StreamReport, held: HeldRows | undefined): Html {
  if (held === undefined) return html`${percent(share)}`;
  return html`<details><summary>${percent(share)}</summary>${sharesOf(held).map((each) => html`${each}<br>`)}</details>`;
}

function troubleOf(stream: StreamReport): string[] {
  const { at_risk: atRisk, missed_dates: missed, retries, is_collected: isCollected } = stream;
  return [
    ...(isCollected ? [] : ['no longer collected']),
    ...(atRisk.length === 0 ? [] : [`${atRisk.length} at risk`]),
    ...(missed.length === 0 ? [] : [`${missed.length} lost`]),
    ...(retries.length === 0
      ? []
      : [counted(retries.length, 'retry').replace('retrys', 'retries')]),
  ];
}

/** What is left out, and what keeps figures from being shown. */
function notes(report: StatusReport, { lagging, withoutCurrency }: ViewsLag): Html {
  const { consent, costs } = report;
  const lines = [
    ...report.not_started.map((each) => `${each.account_id} ${each.stream}: never loaded.`),
    ...describeNotCollected(report.not_collected),
    ...describeLag(lagging),
    ...(withoutCurrency.length === 0
      ? []
      : [
          `Accounts without a currency: ${withoutCurrency.join(', ')}. Set currency and run traffic-events views.`,
        ]),
    ...(consent === null ? [] : [describeConsent(consent)]),
    ...(costs === undefined
      ? []
      : [
          `Loading has cost ${counted(costs.jobs, 'job')} and ${costs.bytes_billed.toLocaleString('en-US')} bytes billed in ${counted(costs.runs, 'run')}.`,
        ]),
  ];
  if (lines.length === 0) return html``;
  return html`<h2>What is left out</h2><ul>${lines.map((line) => html`<li>${line}</li>`)}</ul>`;
}

function describeLag(lagging: ViewsLag['lagging']): string[] {
  if (lagging === undefined) return ['Views were never made. Run traffic-events views.'];
  if (lagging.length === 0) return [];
  return [
    `Views that are not what this version makes of the tables: ${lagging.join(', ')}. Run traffic-events views.`,
  ];
}
