import { addDays } from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import type { Extraction } from '@traffic-events/warehouse';
import { html } from 'hono/html';
import { figure, minute, percent } from './figures.ts';
import type { Html } from './page-document.ts';
import type { PageLinks } from './page-links.ts';

export interface DateContent {
  readonly accountId: string;
  readonly eventDate: EventDate;
  /** The newest first. */
  readonly extractions: readonly Extraction[];
  /** The SQL or report of a definition, by fingerprint: of the warehouse, and of the configuration. */
  readonly queries: ReadonlyMap<string, string>;
  readonly links: PageLinks;
}

/** A date of an account: each execution, by which query, what it gave, and why it was kept or not. */
export function datePage(content: DateContent): Html[] {
  const { accountId, eventDate, extractions, links } = content;
  const [before, after] = [addDays(eventDate, -1), addDays(eventDate, 1)].map((date) => ({
    date,
    link: links.date(accountId, date),
  }));
  const streams = [...Map.groupBy(extractions, ({ stream }) => stream)].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return [
    html`<h1>${accountId} on ${eventDate}</h1><p><a href="${before?.link ?? ''}">${before?.date}</a> · <a href="${links.account(accountId)}">all dates</a> · <a href="${after?.link ?? ''}">${after?.date}</a></p>`,
    ...(streams.length === 0 ? [html`<p>The ledger has nothing of this date.</p>`] : []),
    ...streams.map(([stream, own]) => streamSection(stream, own, content)),
  ];
}

function streamSection(
  stream: string,
  extractions: readonly Extraction[],
  content: DateContent,
): Html {
  return html`<h2>${stream}</h2>${extractionsTable(extractions, content.links, `${stream} of ${content.eventDate}`)}
${queriesOf(extractions, content.queries)}`;
}

/** Rows of the ledger with all that they say. */
export function extractionsTable(
  extractions: readonly Extraction[],
  links: PageLinks,
  label: string,
  isNamed = false,
): Html {
  const named = isNamed
    ? html`<th scope="col">date</th><th scope="col">account and stream</th>`
    : '';
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${label}"><table><thead><tr>${named}<th scope="col">entered</th><th scope="col">as</th><th scope="col" class="n">rows</th><th scope="col">sums</th><th scope="col" class="n">withheld</th><th scope="col">why</th><th scope="col">execution</th><th scope="col">run</th></tr></thead><tbody>
${extractions.map((each) => extractionRow(each, links, isNamed))}</tbody></table></div>`;
}

function extractionRow(each: Extraction, links: PageLinks, isNamed: boolean): Html {
  const { accountId, eventDate, stream, runId } = each;
  const dateLink = links.date(accountId, eventDate);
  const named = isNamed
    ? html`<td>${dateLink === undefined ? eventDate : html`<a href="${dateLink}">${eventDate}</a>`}</td><td>${accountId}<br>${stream}</td>`
    : '';
  const run = links.run(runId);
  const sums = Object.entries(each.sums).map(
    ([metric, sum]) => html`<div>${metric} ${figure(sum)}</div>`,
  );
  return html`<tr>${named}<td>${minute(each.recordedAt)}</td><td><span class="pill">${each.status.replace('_', ' ')}</span><div class="small muted">${factsOf(each).join(', ')}</div></td><td class="n">${figure(each.rowCount)}</td><td>${sums}</td><td class="n">${percent(each.suppressedShare)}</td><td class="wrap">${each.reason ?? ''}</td><td class="wrap small"><code>${each.executionId ?? 'none'}</code>${each.createTime === null ? '' : html`<div>created ${minute(each.createTime)}</div>`}${each.rawSha256 === null ? '' : html`<div>SHA-256 <code>${each.rawSha256}</code></div>`}<div>definition <code>${each.fingerprint}</code></div></td><td class="wrap small">${run === undefined ? runId : html`<a href="${run}">${runId}</a>`}</td></tr>
`;
}

function factsOf({ complete, settled, suspect }: Extraction): string[] {
  return [
    ...(complete === null ? [] : [complete ? 'complete' : 'not complete']),
    ...(settled === null ? [] : [settled ? 'settled' : 'not settled']),
    ...(suspect === true ? ['suspect'] : []),
  ];
}

function queriesOf(
  extractions: readonly Extraction[],
  queries: ReadonlyMap<string, string>,
): Html[] {
  const fingerprints = [...new Set(extractions.map(({ fingerprint }) => fingerprint))];
  return fingerprints.map((fingerprint) => {
    const query = queries.get(fingerprint);
    if (query === undefined) {
      return html`<p class="muted">The definition <code>${fingerprint}</code> was in use before the warehouse kept what is asked, and is not one that the configuration has today.</p>`;
    }
    return html`<details><summary>What was asked by <code>${fingerprint}</code></summary><pre>${query}</pre></details>`;
  });
}
