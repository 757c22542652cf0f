import { LEDGER_STREAM, tableOfGrain } from '@traffic-events/slice';
import type { StreamDescription } from '@traffic-events/slice';
import { CLICKS } from '../../testing/slice-fixtures.ts';
import type { KnownColumns } from '../view-dialect.ts';

type Cell = string | number | boolean | null;

/** A row of a slice table: its account and date, whether it is suppressed, and the stream's columns. */
export type FixtureRow = Readonly<Record<string, Cell>> & {
  readonly account_id: string;
  readonly event_date: string;
  readonly filtered: boolean;
};

export const VIEW_ACCOUNT = 'DE:dsp:1234@Europe/Berlin';
/** Its zone is an offset, of which PostgreSQL takes the sign for the opposite one. */
export const OFFSET_ACCOUNT = 'UK:entity:E8@+02:00';
export const ONE_DEFINITION_ACCOUNT = 'US:dsp:9';
/** Whose slices are held at every grain, those of clicks by one execution. */
export const GRAIN_ACCOUNT = 'FR:dsp:5';
export const VIEW_DATE = '2026-01-05';

/** Columns of the tables, text first. There is no dsp_invalid_clicks, and adserver_traffic has no views. */
const TABLES: Readonly<Record<string, readonly [text: string, whole: string]>> = {
  dsp_impressions: ['campaign', 'campaign_id impressions impression_cost total_cost'],
  dsp_clicks: ['campaign', 'campaign_id clicks'],
  dsp_views: [
    'campaign view_definition',
    'campaign_id measurable_impressions viewable_impressions',
  ],
  dsp_invalid_impressions: ['campaign', 'campaign_id invalid_impressions'],
  sponsored_ads_traffic: [
    'campaign view_definition',
    'impressions clicks unmeasurable_viewable_impressions viewable_impressions',
  ],
  sponsored_ads_invalid_traffic: ['campaign', 'invalid_impressions invalid_clicks'],
  adserver_traffic: ['campaign', 'campaign_id impressions clicks'],
  invalid_adserver_traffic: ['campaign', 'campaign_id invalid_impressions invalid_clicks'],
  dsp_impressions_by_campaign: ['campaign', 'campaign_id impressions impression_cost total_cost'],
  dsp_clicks_by_campaign: ['campaign', 'campaign_id clicks'],
  dsp_views_by_campaign: [
    'campaign view_definition',
    'campaign_id measurable_impressions viewable_impressions',
  ],
  dsp_invalid_impressions_by_campaign: ['campaign', 'campaign_id invalid_impressions'],
  dsp_impressions_total: ['', 'impressions impression_cost total_cost'],
  dsp_clicks_total: ['', 'clicks'],
  dsp_views_total: ['view_definition', 'measurable_impressions viewable_impressions'],
  dsp_invalid_impressions_total: ['', 'invalid_impressions'],
  sponsored_ads_traffic_by_campaign: ['campaign view_definition', 'impressions clicks'],
};

function columnsOf(table: string): { text: readonly string[]; whole: readonly string[] } {
  const [text = '', whole = ''] = TABLES[table] ?? [];
  return { text: listed(text), whole: listed(whole) };
}

function listed(names: string): string[] {
  return names.split(' ').filter((name) => name !== '');
}

const row = (cells: Readonly<Record<string, Cell>>, filtered = false): FixtureRow => ({
  account_id: VIEW_ACCOUNT,
  event_date: VIEW_DATE,
  filtered,
  ...cells,
});
const one = { campaign_id: 1, campaign: 'One' };
const two = { campaign_id: 2, campaign: 'Two' };
const none = { campaign_id: null, campaign: null };

/** An account that has one definition, withheld in two of its rows. */
function oneDefinitionOnly(): FixtureRow[] {
  return [
    ['MRC', one, 60, 30, false] as const,
    [null, one, 20, 15, true] as const,
    [null, none, 10, 9, true] as const,
  ].map(([view_definition, names, measurable_impressions, viewable_impressions, filtered]) => ({
    ...row({ ...names, view_definition, measurable_impressions, viewable_impressions }, filtered),
    account_id: ONE_DEFINITION_ACCOUNT,
  }));
}

const ofGrainAccount = (cells: Readonly<Record<string, Cell>>, filtered = false): FixtureRow => ({
  ...row(cells, filtered),
  account_id: GRAIN_ACCOUNT,
});

/** Few rows, whose views can be told by heart. */
const TOLD: Readonly<Record<string, readonly FixtureRow[]>> = {
  dsp_impressions: [
    row({ ...one, impressions: 100, total_cost: 250_000, impression_cost: 7 }),
    row({ ...one, impressions: 50, total_cost: 50_000, impression_cost: null }),
    row({ ...two, impressions: 80, total_cost: 10, impression_cost: 5 }),
    row({ ...none, impressions: 20, total_cost: null, impression_cost: 5 }, true),
    ofGrainAccount({ ...one, impressions: 900, total_cost: 9, impression_cost: 9 }),
    ofGrainAccount({ ...none, impressions: 100, total_cost: 1, impression_cost: 1 }, true),
  ],
  dsp_impressions_by_campaign: [
    ofGrainAccount({ ...one, impressions: 950, total_cost: 9, impression_cost: 9 }),
    ofGrainAccount({ ...none, impressions: 50, total_cost: 1, impression_cost: 1 }, true),
  ],
  dsp_impressions_total: [
    ofGrainAccount({ impressions: 1000, total_cost: 10, impression_cost: 10 }),
  ],
  dsp_clicks: [
    row({ ...one, clicks: 3 }),
    row({ ...none, clicks: 2 }, true),
    ofGrainAccount({ ...one, clicks: 1 }),
    ofGrainAccount({ ...none, clicks: 9 }, true),
  ],
  dsp_clicks_by_campaign: [
    ofGrainAccount({ ...one, clicks: 4 }),
    ofGrainAccount({ ...none, clicks: 5 }, true),
  ],
  dsp_clicks_total: [ofGrainAccount({ clicks: 10 })],
  dsp_views: [
    ...oneDefinitionOnly(),
    ...[
      ['MRC', one, 90, 45] as const,
      ['MRC', two, 10, 5] as const,
      ['OTHER', one, 90, 90] as const,
    ].map(([view_definition, names, measurable_impressions, viewable_impressions]) =>
      row({ ...names, view_definition, measurable_impressions, viewable_impressions }),
    ),
  ],
  dsp_invalid_impressions: [
    row({ ...one, invalid_impressions: 15 }),
    row({ ...none, invalid_impressions: 45 }, true),
  ],
};

/** Many rows of other accounts, of every kind that the service sends; the same ones always. */
function generated(table: string, random: () => number): FixtureRow[] {
  const { text, whole } = columnsOf(table);
  const upTo = (most: number) => Math.floor(random() * most);
  const slices = ['DE:dsp:7', OFFSET_ACCOUNT].flatMap((account_id) =>
    ['2026-01-05', '2026-02-01'].map((event_date) => ({ account_id, event_date })),
  );
  return slices.flatMap((slice) =>
    Array.from({ length: upTo(14) }, () => {
      const filtered = random() < 0.3;
      const id = random() < (filtered ? 0.7 : 0.1) ? null : upTo(3) + 1;
      const names = { campaign: id === null ? null : `Campaign ${id}`, campaign_id: id };
      const definition = ['MRC', 'OTHER', null][upTo(3)] ?? null;
      const metrics = whole.filter((name) => name !== 'campaign_id');
      return {
        ...slice,
        filtered,
        ...(text.includes('campaign') ? { campaign: names.campaign } : {}),
        ...(whole.includes('campaign_id') ? { campaign_id: names.campaign_id } : {}),
        ...(text.includes('view_definition') ? { view_definition: definition } : {}),
        ...Object.fromEntries(
          metrics.map((name) => [name, random() < 0.05 ? null : upTo(200)] as const),
        ),
      };
    }),
  );
}

/** What the tables hold, by table. */
export function fixtureRows(): Readonly<Record<string, readonly FixtureRow[]>> {
  const random = randomNumbers(20_260_105);
  return Object.fromEntries(
    Object.keys(TABLES).map((table) => [
      table,
      [...(TOLD[table] ?? []), ...generated(table, random)],
    ]),
  );
}

/** The streams of the tables. */
export function fixtureStreams(): StreamDescription[] {
  const { properties, ...schema } = CLICKS.schema as { properties: Record<string, object> };
  const { campaign: _campaign, campaign_id: _id, clicks: _clicks, ...reserved } = properties;
  return Object.keys(TABLES).map((stream) => {
    const { text, whole } = columnsOf(stream);
    const own = [
      ...text.map((name) => [name, { type: ['null', 'string'] }] as const),
      ...whole.map((name) => [name, { type: ['null', 'integer'] }] as const),
    ];
    const all = { ...reserved, ...Object.fromEntries(own) };
    return { ...CLICKS, stream, schema: { ...schema, properties: all } };
  });
}

/** The columns of the tables, as views want to know them. */
export function fixtureColumns(): KnownColumns {
  return new Map(
    fixtureStreams().map(({ stream, schema }) => {
      const { properties = {} } = schema as { properties?: object };
      return [stream, new Set(Object.keys(properties))];
    }),
  );
}

/** What a table is filled with: columns, and rows of SQL literals that all warehouses understand. */
export interface FixtureContent {
  readonly table: string;
  /** Columns and their GoogleSQL types. */
  readonly columns: readonly (readonly [name: string, type: string])[];
  readonly rows: readonly (readonly string[])[];
}

/** What the tables and the ledger are filled with. */
export function fixtureContent(): FixtureContent[] {
  const tables = Object.entries(fixtureRows()).map(([table, rows]) => {
    const { text, whole } = columnsOf(table);
    const columns = [
      ...RESERVED_TYPES,
      ...text.map((name) => [name, 'STRING'] as const),
      ...whole.map((name) => [name, 'INT64'] as const),
    ];
    const own = [...text, ...whole];
    return {
      table,
      columns,
      rows: rows.map((cells, index) => [
        literal(cells.account_id),
        literal(cells.account_id.slice(0, 2)),
        `DATE '${cells.event_date}'`,
        `'e-${table}'`,
        String(index + 1),
        `TIMESTAMP '2026-01-09 06:20:00+00'`,
        literal(cells.filtered),
        ...own.map((name) => literal(cells[name] ?? null)),
      ]),
    };
  });
  return [...tables, ledgerContent()];
}

/** Statements that fill the tables and the ledger. */
export function fixtureInserts(qualified: (table: string) => string): string[] {
  return fixtureContent().map(({ table, columns, rows }) => {
    const names = columns.map(([name]) => name).join(', ');
    const values = rows.map((cells) => `(${cells.join(', ')})`).join(', ');
    return `INSERT INTO ${qualified(table)} (${names}) VALUES ${values}`;
  });
}

const RESERVED_TYPES = [
  ['account_id', 'STRING'],
  ['marketplace', 'STRING'],
  ['event_date', 'DATE'],
  ['execution_id', 'STRING'],
  ['row_number', 'INT64'],
  ['extracted_at', 'TIMESTAMP'],
  ['filtered', 'BOOL'],
] as const;

/** A row of the ledger, as far as views ask. */
export interface FixtureEntry {
  readonly stream: string;
  readonly account_id: string;
  readonly event_date: string;
  readonly status: string;
  readonly recorded_at: string;
  /** `complete`, `settled` and `suspect`, NULL where no execution says so. */
  readonly facts: readonly [boolean, boolean, boolean] | null;
  readonly execution_id?: string;
}

const WHOLE = [true, true, false] as const;
const FACTS = [WHOLE, WHOLE, [true, false, false], [false, true, false], [true, true, true], null];

/** Closed, not known, closed again but with a failure behind it, and a report that lasts a year. */
const TOLD_ENTRIES: readonly FixtureEntry[] = [
  ['dsp_clicks', VIEW_ACCOUNT, '2026-01-05', 'open', '2026-01-06 06:00:00+00', null] as const,
  ['dsp_clicks', VIEW_ACCOUNT, '2026-01-05', 'settled', '2026-01-09 06:00:00+00', WHOLE] as const,
  ['dsp_clicks', VIEW_ACCOUNT, '2026-01-05', 'failed', '2026-01-10 06:00:00+00', null] as const,
  ['dsp_clicks', VIEW_ACCOUNT, '2026-01-07', 'missed', '2026-02-10 06:00:00+00', null] as const,
  [
    'dsp_clicks',
    VIEW_ACCOUNT,
    '2026-03-28',
    'kept_better',
    '2026-04-01 06:00:00+00',
    null,
  ] as const,
  ['dsp_views', VIEW_ACCOUNT, '2026-01-05', 'settled', '2026-01-09 06:00:00+00', WHOLE] as const,
  ['page_url_report', 'DE:dsp:7', '2026-01-05', 'frozen', '2027-02-10 06:00:00+00', null] as const,
].map(([stream, account_id, event_date, status, recorded_at, facts]) => ({
  stream,
  account_id,
  event_date,
  status,
  recorded_at,
  facts,
}));

/** What the ledger holds: beside few rows that can be told by heart, one of each generated slice. */
export function fixtureEntries(): FixtureEntry[] {
  const random = randomNumbers(7);
  const slices = ['DE:dsp:7', OFFSET_ACCOUNT].flatMap((account_id) =>
    ['2026-01-05', '2026-02-01'].map((event_date) => ({ account_id, event_date })),
  );
  const generatedEntries = slices.flatMap((slice) =>
    Object.keys(TABLES).map((stream) => ({
      ...slice,
      stream,
      status: isMissed(slice.account_id, stream) ? 'missed' : 'open',
      recorded_at: '2026-02-09 06:00:00+00',
      facts: stream.endsWith('_total')
        ? WHOLE
        : ((FACTS[Math.floor(random() * FACTS.length)] ?? null) as FixtureEntry['facts']),
      execution_id: slice.account_id === 'DE:dsp:7' ? 'bundle' : `of-${stream}`,
    })),
  );
  return [...TOLD_ENTRIES, ...grainEntries(), ...generatedEntries];
}

/** So that what is held beside it may be read by campaign. */
function isMissed(accountId: string, stream: string): boolean {
  return accountId === OFFSET_ACCOUNT && stream === 'sponsored_ads_invalid_traffic';
}

function grainEntries(): FixtureEntry[] {
  return ['dsp_impressions', 'dsp_clicks'].flatMap((table) =>
    (['fine', 'campaign', 'account'] as const).map((grain) => ({
      stream: tableOfGrain(table, grain),
      account_id: GRAIN_ACCOUNT,
      event_date: VIEW_DATE,
      status: 'settled',
      recorded_at: '2026-01-09 06:00:00+00',
      facts: WHOLE,
      execution_id: table === 'dsp_clicks' ? 'bundle' : `of-${grain}`,
    })),
  );
}

function ledgerContent(): FixtureContent {
  return {
    table: LEDGER_STREAM,
    columns: [
      ['extraction_id', 'STRING'],
      ['stream', 'STRING'],
      ['account_id', 'STRING'],
      ['marketplace', 'STRING'],
      ['event_date', 'DATE'],
      ['status', 'STRING'],
      ['sums', 'JSON'],
      ['fingerprint', 'STRING'],
      ['run_id', 'STRING'],
      ['recorded_at', 'TIMESTAMP'],
      ['execution_id', 'STRING'],
      ['create_time', 'TIMESTAMP'],
      ['row_count', 'INT64'],
      ['reason', 'STRING'],
      ['complete', 'BOOL'],
      ['settled', 'BOOL'],
      ['suspect', 'BOOL'],
    ],
    rows: fixtureEntries().map((entry, index) => [
      ...[`x${index}`, entry.stream, entry.account_id, 'DE'].map(literal),
      `DATE '${entry.event_date}'`,
      literal(entry.status),
      `JSON '{}'`,
      `'f'`,
      `'r'`,
      `TIMESTAMP '${entry.recorded_at}'`,
      literal(entry.execution_id ?? null),
      'NULL',
      'NULL',
      'NULL',
      ...(entry.facts ?? [null, null, null]).map(literal),
    ]),
  };
}

function literal(value: Cell): string {
  if (value === null) return 'NULL';
  return typeof value === 'string' ? `'${value}'` : String(value).toUpperCase();
}

/** Numbers from 0 to 1, the same for the same seed. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
