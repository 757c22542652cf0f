import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { PageLinks } from './page-links.ts';
import { PAGE_STYLE } from './page-style.ts';

/** A piece of a page: what was put into it is escaped. */
export type Html = ReturnType<typeof html>;

const STYLE_HASH = `'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'`;

/** Nothing is loaded, run or framed, but an empty icon, which browsers would ask for; the one style sheet is known by its hash. */
export const PAGE_POLICY = {
  defaultSrc: ["'none'"],
  styleSrc: [STYLE_HASH],
  imgSrc: ['data:'],
  formAction: ["'self'"],
  baseUri: ["'none'"],
};

const POLICY_TEXT = Object.entries(PAGE_POLICY)
  .map(
    ([name, sources]) =>
      `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${sources.join(' ')}`,
  )
  .join('; ');

interface PageContent {
  readonly title: string;
  readonly body: Html | readonly Html[];
  readonly links: PageLinks;
  /** When it was; ISO 8601, UTC. */
  readonly asOf: string;
}

/** A page, whole. */
export async function pageDocument({ title, body, links, asOf }: PageContent): Promise<string> {
  const page = await html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY_TEXT}">
<link rel="icon" href="data:,"><title>${title} – traffic events</title><style>${raw(PAGE_STYLE)}</style></head>
<body id="top"><a class="skip" href="#main">To the content</a>
<header><strong>Traffic events</strong><nav aria-label="Pages"><a href="${links.overview}">Coverage</a><a href="${links.runs}">Runs and failures</a></nav></header>
<main id="main">${body}</main>
<footer>As of ${asOf.slice(0, 19).replace('T', ' ')} UTC. Dates are in each account’s time zone, instants in UTC.</footer>
</body></html>
`;
  return String(page);
}
