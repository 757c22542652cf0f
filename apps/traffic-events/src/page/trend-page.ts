import type { Campaign, DailyView, TrendDay, TrendRange } from '@traffic-events/warehouse';
import { html } from 'hono/html';
import { figure, percent, words } from './figures.ts';
import type { Html } from './page-document.ts';
import type { PageLinks } from './page-links.ts';
import { trendChart } from './trend-chart.ts';
import { figuresOf, tableOf } from './trend-figures.ts';
import type { TrendFigure } from './trend-figures.ts';

export interface TrendContent {
  readonly view: DailyView;
  /** Views that the account's kind has. */
  readonly views: readonly string[];
  readonly range: TrendRange;
  readonly days: readonly TrendDay[];
  readonly campaigns: readonly Campaign[];
  readonly links: PageLinks;
}

/** Daily figures of an account, or of a campaign of it, with the table behind the charts. */
export function trendPage(content: TrendContent): Html[] {
  const { view, range, days, links } = content;
  return [
    html`<h1>Daily trend of ${range.accountId}</h1><p><a href="${links.account(range.accountId)}">Calendar of the account</a></p>`,
    choiceForm(content),
    ...(days.length === 0
      ? [html`<p>The warehouse holds nothing of these dates. Choose others.</p>`]
      : [chartsOf(view, days), tableBehind(content)]),
  ];
}

function choiceForm({ view, views, range, campaigns }: TrendContent): Html {
  const options = campaigns.map(
    ({ campaign, name, mainSum }) =>
      html`<option value="${campaign}"${campaign === range.campaign ? html` selected` : ''}>${name ?? campaign}: ${figure(mainSum)}</option>`,
  );
  const isListed = campaigns.some(({ campaign }) => campaign === range.campaign);
  const chosen =
    range.campaign === undefined || isListed
      ? ''
      : html`<option value="${range.campaign}" selected>${range.campaign}</option>`;
  const names = views.map(
    (name) => html`<option${name === view.name ? html` selected` : ''}>${name}</option>`,
  );
  return html`<form action="/trend" method="get"><input type="hidden" name="account" value="${range.accountId}"><label>From<input type="date" name="from" value="${range.from}" required></label><label>To<input type="date" name="to" value="${range.to}" required></label><label>View<select name="view">${names}</select></label><label>Campaign<select name="campaign"><option value="">all of the account</option>${chosen}${options}</select></label><button>Show</button></form>`;
}

function chartsOf(view: DailyView, days: readonly TrendDay[]): Html {
  const charts = figuresOf(view)
    .filter((each) => days.some((day) => each.valueOf(day) !== null))
    .map((each) => chartOf(view, each, days));
  return html`<div class="charts">${charts}</div><p class="muted small">Below each line: the share of the account’s date that is withheld, and how the slice stands that the figure comes from, in the colours of the calendar.${grainNote(days)}</p>`;
}

/** At which grain the dates are read, which decides how much suppression takes. */
function grainNote(days: readonly TrendDay[]): string {
  const grains = [...new Set(days.flatMap(({ grain }) => grain ?? []))];
  if (grains.length === 0) return '';
  const biased = grains.includes('fine') ? ', of which the fine grain withholds the most' : '';
  if (grains.length === 1) return ` Every date is read at the ${grains.join('')} grain.`;
  return ` A dashed line stands where dates begin to be read at another grain (${grains.join(', ')})${biased}: values on its two sides are not alike.`;
}

const STANDING_CLASSES: Readonly<Record<string, string>> = {
  settled: 'whole',
  open: 'provisional',
};

function chartOf(view: DailyView, shown: TrendFigure, days: readonly TrendDay[]): Html {
  const table = tableOf(view, shown.metric);
  const points = days.map((day) => {
    const status = day.standings[table] ?? null;
    return {
      eventDate: day.eventDate,
      value: shown.valueOf(day),
      withheld: day.withheldShares[shown.metric] ?? null,
      standing: status === null ? null : (STANDING_CLASSES[status] ?? status),
      grain: day.grain,
    };
  });
  const last = days.findLast((day) => shown.valueOf(day) !== null);
  const newest = last === undefined ? '' : `${shown.textOf(last)} on ${last.eventDate}`;
  const label = `${shown.title} by date, ${days[0]?.eventDate} to ${days.at(-1)?.eventDate}: ${newest}`;
  return html`<figure><figcaption>${shown.title} <span>${newest}</span></figcaption>${trendChart({ label, points, format: (value) => shown.axis(value) })}</figure>`;
}

function tableBehind({ view, days, range, links }: TrendContent): Html {
  const figures = figuresOf(view);
  const heads = figures.map(({ title }) => html`<th scope="col" class="n">${title}</th>`);
  const rows = days.map((day) => {
    const link = links.date(range.accountId, day.eventDate);
    return html`<tr><th scope="row"><a href="${link ?? ''}">${day.eventDate}</a></th>${figures.map((each) => html`<td class="n">${each.textOf(day)}</td>`)}<td class="n">${percent(day.withheldShares[figures[0]?.metric ?? ''] ?? null)}</td><td>${day.grain ?? ''}</td><td>${standingsText(day)}</td></tr>
`;
  });
  const csv = links
    .trend(range.accountId, {
      view: view.name,
      from: range.from,
      to: range.to,
      ...(range.campaign === undefined ? {} : { campaign: range.campaign }),
    })
    ?.replace('/trend?', '/trend.csv?');
  const [first] = figures;
  return html`<p><a href="${csv ?? ''}" download>CSV</a></p><details><summary>Table</summary><div class="scroll" tabindex="0" role="region" aria-label="Figures by date"><table><thead><tr><th scope="col">date</th>${heads}<th scope="col" class="n">${first?.title} withheld</th><th scope="col">grain</th><th scope="col">slices</th></tr></thead><tbody>
${rows}</tbody></table></div></details>`;
}

/** `settled` where all sources are, else each by name. */
function standingsText({ standings }: TrendDay): string {
  const known = Object.entries(standings).filter(([, status]) => status !== null);
  const statuses = new Set(known.map(([, status]) => status));
  if (statuses.size === 1) return [...statuses].join('');
  return known.map(([table, status]) => `${words(table)} ${status}`).join(', ');
}
