import type { Extraction, RunEntries } from '@traffic-events/warehouse';
import { html } from 'hono/html';
import type { StatusReport } from '../status/read-report.ts';
import { extractionsTable } from './date-page.ts';
import { grouped, minute } from './figures.ts';
import type { Html } from './page-document.ts';
import type { PageLinks } from './page-links.ts';

export interface RunsContent {
  readonly runs: readonly RunEntries[];
  /** What failed, was kept out, or closed without being whole, the newest first. */
  readonly trouble: readonly Extraction[];
  readonly report: StatusReport;
  readonly links: PageLinks;
}

export function runsPage({ runs, trouble, report, links }: RunsContent): Html[] {
  return [
    html`<h1 id="runs">Runs and failures</h1>`,
    retriesTable(report, links),
    html`<h2>Runs</h2>`,
    runsTable(runs, links),
    html`<h2>What failed, was kept out, or is not whole</h2>`,
    trouble.length === 0
      ? html`<p>Nothing.</p>`
      : extractionsTable(trouble, links, 'What went wrong', true),
  ];
}

/** All that a run entered in the ledger. */
export function runPage(runId: string, entries: readonly Extraction[], links: PageLinks): Html[] {
  return [
    html`<h1>Run ${runId}</h1><p><a href="${links.runs}">All runs</a></p>`,
    entries.length === 0
      ? html`<p>The ledger knows no such run.</p>`
      : extractionsTable(entries, links, `Entries of ${runId}`, true),
  ];
}

function retriesTable({ streams }: StatusReport, links: PageLinks): Html {
  const rows = streams.flatMap(({ stream, account_id: accountId, retries }) =>
    retries.map((retry) => {
      const link = links.date(accountId, retry.event_date);
      const date =
        link === undefined ? retry.event_date : html`<a href="${link}">${retry.event_date}</a>`;
      return html`<tr><td>${date}</td><td>${accountId}<br>${stream}</td><td class="n">${retry.attempts}</td><td>${minute(retry.next_try)}</td><td class="wrap">${retry.reason ?? ''}</td></tr>
`;
    }),
  );
  if (rows.length === 0) return html`<p>No slice waits for another try.</p>`;
  return html`<h2>What is tried again</h2><div class="scroll" tabindex="0" role="region" aria-label="What is tried again"><table><thead><tr><th scope="col">date</th><th scope="col">account and stream</th><th scope="col" class="n">failures</th><th scope="col">next try</th><th scope="col">why</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}

function runsTable(runs: readonly RunEntries[], links: PageLinks): Html {
  const rows = runs.map((run) => {
    const link = links.run(run.id);
    return html`<tr><td>${minute(run.firstAt)}</td><td>${minute(run.lastAt)}</td><td class="n">${run.accounts}</td><td class="n">${run.loaded}</td><td class="n">${grouped(run.rowsLoaded)}</td><td class="n">${run.kept}</td><td class="n">${run.failed}</td><td class="n">${run.missed}</td><td class="small">${link === undefined ? run.id : html`<a href="${link}">${run.id}</a>`}</td></tr>
`;
  });
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Runs"><table><thead><tr><th scope="col">first entry</th><th scope="col">last entry</th><th scope="col" class="n">accounts</th><th scope="col" class="n">loaded</th><th scope="col" class="n">rows</th><th scope="col" class="n">kept better</th><th scope="col" class="n">failed</th><th scope="col" class="n">lost</th><th scope="col">run</th></tr></thead><tbody>
${rows}</tbody></table></div>`;
}
