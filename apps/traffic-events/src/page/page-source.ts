import type { Clock } from '@traffic-events/client';
import { ConfigError } from '@traffic-events/program';
import { accountsOf, listedStreams } from '@traffic-events/program/extraction';
import {
  addDays,
  dateFault,
  daysBetween,
  isEventDate,
  parseAccountId,
} from '@traffic-events/slice';
import type { EventDate } from '@traffic-events/slice';
import { asHeld, withStreams } from '@traffic-events/source';
import type { StreamDefinition } from '@traffic-events/source';
import { DAILY_VIEWS } from '@traffic-events/warehouse';
import type {
  DailyView,
  HeldRows,
  ReadModel,
  TrendDay,
  TrendRange,
  Warehouse,
} from '@traffic-events/warehouse';
import type { Config } from '../config.ts';
import { yesterdayOf } from '../status/calendar.ts';
import { readReport } from '../status/read-report.ts';
import type { StatusReport } from '../status/read-report.ts';
import type { StreamReport } from '../status/stream-report.ts';
import { accountPage } from './account-page.ts';
import { datePage } from './date-page.ts';
import { heldRange } from './held-rows.ts';
import { overviewPage } from './overview-page.ts';
import type { OverviewContent, ViewsLag } from './overview-page.ts';
import { pageDocument } from './page-document.ts';
import type { Html } from './page-document.ts';
import { FILE_LINKS, SERVED_LINKS } from './page-links.ts';
import type { PageLinks } from './page-links.ts';
import { runPage, runsPage } from './runs-page.ts';
import { trendCsv } from './trend-csv.ts';
import { trendPage } from './trend-page.ts';

/** What pages are made from. */
export interface PageSource {
  readonly config: Config;
  readonly warehouse: Warehouse;
  readonly clock: Clock;
}

/** A parameter of an address that cannot be; the message names it. */
export class PageRequestError extends Error {
  override readonly name = 'PageRequestError' as const;
}

/** What an address asks for, by name. */
export type PageParameters = Readonly<Record<string, string>>;

/** Throws PageRequestError for text that no warehouse holds, and that breaks off the connection to some. */
export function checkParameters(parameters: PageParameters): PageParameters {
  const odd = Object.keys(parameters).find((name) => /\p{Cc}/u.test(parameters[name] ?? ''));
  if (odd === undefined) return parameters;
  throw new PageRequestError(`${odd}: expected text without control characters`);
}

const RUNS = 60;
const TROUBLES = 200;
const ENTRIES = 2000;
const CAMPAIGNS = 100;
const TREND_DAYS = 60;
const LONGEST_TREND_DAYS = 1100;

export async function overview(source: PageSource): Promise<string> {
  return served(source, 'Coverage', overviewPage(await overviewOf(source, SERVED_LINKS)));
}

export async function account(source: PageSource, parameters: PageParameters): Promise<string> {
  const accountId = needed(parameters, 'id');
  const { streams } = await reportOf(source);
  const own = streams.filter(({ account_id: id }) => id === accountId);
  if (own.length === 0) throw new PageRequestError(`id: the warehouse has no account ${accountId}`);
  const to = dateIn(parameters, 'to', source) ?? yesterdayOf(accountId, source.clock.now());
  const held = await heldRows(source, own, to);
  const content = { accountId, streams: own, to, held, links: SERVED_LINKS };
  return served(source, accountId, accountPage(content));
}

export async function date(source: PageSource, parameters: PageParameters): Promise<string> {
  const accountId = needed(parameters, 'account');
  const eventDate = dateIn(parameters, 'date', source);
  if (eventDate === undefined) throw new PageRequestError('date: expected one, got none');
  const { extractions, kept } = await source.warehouse.read(async (model) => {
    const found = await model.extractions({ accountId, eventDate, limit: ENTRIES });
    const streams = [...new Set(found.map(({ stream }) => stream))];
    return { extractions: found, kept: await model.queries(streams) };
  });
  const queries = new Map([...queriesOf(source.config, accountId), ...kept]);
  const body = datePage({ accountId, eventDate, extractions, queries, links: SERVED_LINKS });
  return served(source, `${accountId} on ${eventDate}`, body);
}

export async function runs(source: PageSource, parameters: PageParameters): Promise<string> {
  const { run: runId } = parameters;
  if (runId !== undefined) {
    const entries = await source.warehouse.read((model) =>
      model.extractions({ runId, limit: ENTRIES }),
    );
    return served(source, `Run ${runId}`, runPage(runId, entries, SERVED_LINKS));
  }
  const body = runsPage({ ...(await runsOf(source)), links: SERVED_LINKS });
  return served(source, 'Runs and failures', body);
}

export async function trend(source: PageSource, parameters: PageParameters): Promise<string> {
  const { view, views, range } = trendAsked(source, parameters);
  const title = `Trend of ${range.accountId}`;
  const content = await source.warehouse.read(async (model) => {
    const days = await trendDays(model, view, range);
    return { days, campaigns: await model.campaigns(view, range, CAMPAIGNS) };
  });
  return served(source, title, trendPage({ ...content, view, views, range, links: SERVED_LINKS }));
}

export async function trendAsCsv(
  source: PageSource,
  parameters: PageParameters,
): Promise<{ readonly name: string; readonly text: string }> {
  const { view, range } = trendAsked(source, parameters);
  const days = await source.warehouse.read((model) => trendDays(model, view, range));
  return { name: `${view.name}-${range.from}-${range.to}.csv`, text: trendCsv(view, days) };
}

/** Throws PageRequestError where a view has not been made yet, or by a version that had fewer of them. */
async function trendDays(
  model: ReadModel,
  view: DailyView,
  range: TrendRange,
): Promise<TrendDay[]> {
  const { made } = await model.views();
  const missing = [view.name, view.ofAccount.name].find((name) => !made.includes(name));
  if (missing === undefined) return model.trend(view, range);
  throw new PageRequestError(`view: ${missing} is not there yet; run traffic-events views`);
}

/** The first screen, the calendars and what went wrong, in one file that leads nowhere else. */
export async function wholeFile(source: PageSource): Promise<string> {
  const content = await overviewOf(source, FILE_LINKS);
  const { report } = content;
  const accounts = [...Map.groupBy(report.streams, ({ account_id: id }) => id)];
  const calendars = accounts.flatMap(([accountId, streams]) => {
    const to = yesterdayOf(accountId, Date.parse(report.as_of));
    return accountPage({ accountId, streams, to, held: [], links: FILE_LINKS });
  });
  const body = [
    ...overviewPage(content),
    ...calendars,
    ...runsPage({ ...(await runsOf(source, report)), links: FILE_LINKS }),
  ];
  return documentOf(source, 'Coverage', body, FILE_LINKS);
}

function reportOf({ config, warehouse, clock }: PageSource): Promise<StatusReport> {
  return readReport(config, warehouse, clock);
}

async function overviewOf(source: PageSource, links: PageLinks): Promise<OverviewContent> {
  const [report, views] = await Promise.all([reportOf(source), viewsLag(source)]);
  const held = await heldRows(source, report.streams, newestDate(report));
  return { report, views, held, links };
}

/** Rows of streams and accounts in the weeks up to a date: one query for each stream. */
function heldRows(
  { config, warehouse }: PageSource,
  streams: readonly StreamReport[],
  to: EventDate,
): Promise<HeldRows[]> {
  const ranges = [...Map.groupBy(streams, ({ stream }) => stream)].map(([stream, own]) => ({
    stream,
    accountIds: own.map(({ account_id: id }) => id),
    ...heldRange(to),
    metrics: metricsOf(config, stream),
  }));
  return warehouse.read((model) => model.heldRows(ranges));
}

/** Yesterday by the clock that is furthest ahead. */
function newestDate({ streams, as_of: asOf }: StatusReport): EventDate {
  const dates = streams.map(({ account_id: id }) => yesterdayOf(id, Date.parse(asOf)));
  return dates.toSorted().at(-1) ?? asOf.slice(0, 10);
}

async function viewsLag({ warehouse }: PageSource): Promise<ViewsLag> {
  const [lagging, { withoutCurrency }] = await Promise.all([
    warehouse.laggingViews(),
    warehouse.read((model) => model.views()),
  ]);
  return { lagging, withoutCurrency };
}

async function runsOf(source: PageSource, known?: StatusReport) {
  const report = known ?? (await reportOf(source));
  const [found, trouble] = await source.warehouse.read((model) =>
    Promise.all([model.runs(RUNS), model.extractions({ isTrouble: true, limit: TROUBLES })]),
  );
  return { report, runs: found, trouble };
}

function served(source: PageSource, title: string, body: readonly Html[]): Promise<string> {
  return documentOf(source, title, body, SERVED_LINKS);
}

function documentOf(
  { clock }: PageSource,
  title: string,
  body: readonly Html[],
  links: PageLinks,
): Promise<string> {
  return pageDocument({ title, body, links, asOf: new Date(clock.now()).toISOString() });
}

interface TrendAsked {
  readonly view: DailyView;
  readonly views: readonly string[];
  readonly range: TrendRange;
}

function trendAsked({ clock }: PageSource, parameters: PageParameters): TrendAsked {
  const accountId = needed(parameters, 'account');
  const to = dateIn(parameters, 'to', { clock }) ?? yesterdayOf(accountId, clock.now());
  const from = dateIn(parameters, 'from', { clock }) ?? addDays(to, 1 - TREND_DAYS);
  if (from > to) throw new PageRequestError(`from: ${from} is after ${to}`);
  if (daysBetween(from, to) >= LONGEST_TREND_DAYS) {
    throw new PageRequestError(`from: expected ${LONGEST_TREND_DAYS} dates at most up to ${to}`);
  }
  const views = viewsOf(accountId);
  const name = parameters['view'] ?? views[0]?.name ?? '';
  const view = views.find((each) => each.name === name);
  if (view === undefined) {
    const names = views.map((each) => each.name).join(', ');
    throw new PageRequestError(`view: expected one of ${names}, got ${name}`);
  }
  const campaign = parameters['campaign'] === '' ? undefined : parameters['campaign'];
  return {
    view,
    views: views.map((each) => each.name),
    range: { accountId, from, to, campaign },
  };
}

/** Daily views of the account's kind. */
function viewsOf(accountId: string): readonly DailyView[] {
  const isEntity = parseAccountId(accountId)?.rawAccount.split(':')[1] === 'entity';
  return DAILY_VIEWS.filter(({ name }) => name.startsWith('sponsored_ads') === isEntity);
}

function needed(parameters: PageParameters, name: string): string {
  const value = parameters[name];
  if (value === undefined || value === '') {
    throw new PageRequestError(`${name}: expected one, got none`);
  }
  return value;
}

function dateIn(
  parameters: PageParameters,
  name: string,
  { clock }: Pick<PageSource, 'clock'>,
): string | undefined {
  const value = parameters[name];
  if (value === undefined) return undefined;
  if (!isEventDate(value)) {
    throw new PageRequestError(`${name}: expected a date, such as 2026-01-31, got ${value}`);
  }
  const fault = dateFault(name, value, clock.now());
  if (fault !== undefined) throw new PageRequestError(fault);
  return value;
}

function metricsOf(config: Config, stream: string): string[] {
  const definition = listedStreams(config).find(({ name }) => name === stream);
  return (definition?.columns ?? [])
    .filter(({ role, type }) => role === 'metric' && type !== 'STRING')
    .map(({ name }) => name);
}

/** What each definition of the account asks for, by fingerprint. */
function queriesOf(config: Config, accountId: string): Map<string, string> {
  const accounts = accountsOf(config).map((each) => asHeld(each, [accountId]));
  const own = accounts.map((each) => withStreams(each, listedStreams(config)));
  const streams = own.find((each) => each.accountId === accountId)?.streams.values() ?? [];
  return new Map(
    [...streams].map(({ fingerprint, definition }) => [fingerprint, queryText(definition)]),
  );
}

function queryText({ query }: StreamDefinition): string {
  return query.kind === 'sql' ? query.sqlQuery : JSON.stringify(query, null, 2);
}

/** Says of a configuration that it cannot be used before anybody opens a page. */
export function usableSource(source: PageSource): PageSource {
  const accounts = accountsOf(source.config);
  listedStreams(source.config);
  if (accounts.length > 0) return source;
  throw new ConfigError('accounts: expected one at least');
}
