import type { DuckDBConnection } from '@duckdb/node-api';
import { MAX_ARRIVAL_MS } from './generate-events.ts';
import type { EventSet, Impression, Placement } from './event-set.ts';
import { SimulatorSettingsError } from '../settings/simulator-settings-error.ts';
import { hash64, stableId } from './random.ts';

export interface EventFileOptions {
  readonly path: string;
  /** Event date of the file's last day, `YYYY-MM-DD`, UTC. */
  readonly lastEventDate: string;
}

/** The events of a file by what they become. */
export interface EventFile {
  readonly dsp: EventSet;
  readonly sponsoredAds: EventSet;
}

interface FileRow {
  readonly timestampMs: number;
  readonly policy: string;
  readonly campaign: string;
  readonly item: string;
  readonly position: string;
  readonly click: boolean;
  readonly user: string;
}

const DAY_MS = 86_400_000;

/**
 * Real events from a CSV file, plain or compressed with gzip: policy becomes the campaign, item the
 * creative, position the line item. The events of the first policy by name are the DSP account's,
 * those of the others the sponsored ads account's, so that both together are the file.
 */
export async function readEventFile(
  connection: DuckDBConnection,
  options: EventFileOptions,
): Promise<EventFile> {
  const rows = await readRows(connection, options.path);
  const lastMs = rows.at(-1)?.timestampMs ?? 0;
  const lastDayMs = Math.floor(lastMs / DAY_MS) * DAY_MS;
  const shiftMs = Date.parse(`${options.lastEventDate}T00:00:00Z`) - lastDayMs;
  const [firstPolicy] = rows.map((row) => row.policy).sort();
  const events = (wanted: (row: FileRow) => boolean) => eventSet(rows.filter(wanted), shiftMs);
  return {
    dsp: events((row) => row.policy === firstPolicy),
    sponsoredAds: events((row) => row.policy !== firstPolicy),
  };
}

/** Throws SimulatorSettingsError for a file that cannot be read, is none of events, or holds none. */
async function readRows(connection: DuckDBConnection, path: string): Promise<FileRow[]> {
  const found = await connection
    .runAndReadAll(
      `SELECT epoch_ms(timestamp::TIMESTAMPTZ), policy, campaign, item_id, position, click, "user"
       FROM read_csv($1, header = true, all_varchar = true) ORDER BY 1`,
      [path],
    )
    .then((reader) => reader.getRows())
    .catch((cause: unknown) => {
      const [problem] = (cause instanceof Error ? cause.message : String(cause)).split('\n');
      throw new SimulatorSettingsError(
        `${path}: expected a CSV file, plain or gzip, with the columns timestamp, policy, campaign, item_id, position, click and user: ${problem}`,
        { cause },
      );
    });
  if (found.length === 0) throw new SimulatorSettingsError(`${path}: there is no event in it`);
  return found.map(([timestampMs, policy, campaign, item, position, click, user]) => ({
    timestampMs: Number(timestampMs),
    policy: String(policy),
    campaign: String(campaign),
    item: String(item),
    position: String(position),
    click: click === '1',
    user: String(user),
  }));
}

function eventSet(rows: readonly FileRow[], shiftMs: number): EventSet {
  const placements = new Index<FileRow>((row) => `${row.policy}/${row.item}/${row.position}`);
  const users = new Index<string>((user) => user);
  const supplySources = new Index<string>((source) => source);
  const impressions = rows.map((row, index) => ({
    ...impressionOf(row, index, shiftMs),
    user: users.of(row.user),
    placement: placements.of(row),
    supplySource: supplySources.of(row.campaign),
  }));
  return {
    advertiser: 'Open Bandit',
    placements: placements.items.map(placementOf),
    supplySources: supplySources.items,
    users: { kind: 'listed', ids: users.items },
    batches: () => [impressions],
  };
}

type FromRow = Omit<Impression, 'user' | 'placement' | 'supplySource'>;

/** Cost and arrival are not in the file: they follow from its content, alike on every machine. */
function impressionOf(row: FileRow, index: number, shiftMs: number): FromRow {
  const eventMs = row.timestampMs + shiftMs;
  const arrivedMs = eventMs + delayMs(`${index}/${row.timestampMs}`);
  const cost = 120 + Number(hash64(`${row.item}/${row.position}`) % 400n);
  return {
    eventMs,
    arrivedMs,
    cost,
    totalCost: Math.round(cost * 1.12),
    clickMs: row.click ? eventMs : null,
    clickArrivedMs: row.click ? arrivedMs : null,
    viewability: 2,
    quarters: null,
    invalid: false,
  };
}

/** Most within hours, the last ones after 72. */
function delayMs(text: string): number {
  const share = Number(hash64(text) % 1_000_000n) / 1_000_000;
  return Math.floor(share ** 4 * MAX_ARRIVAL_MS);
}

function placementOf(row: FileRow): Placement {
  const campaign = row.policy;
  const lineItem = `${row.policy} - position ${row.position}`;
  const creative = `item ${row.item}`;
  return {
    campaign,
    campaignId: stableId(`file/${campaign}`),
    lineItem,
    lineItemId: stableId(`file/${lineItem}`),
    creative,
    creativeId: stableId(`file/${creative}`),
    creativeType: 'Image',
    adProductType: 'Sponsored Display',
    adProductTypeCode: 'SD',
  };
}

/** Gives each item a position by its key, in the order of first sight. */
class Index<Item> {
  readonly items: Item[] = [];
  readonly #positions = new Map<string, number>();
  readonly #keyOf: (item: Item) => string;

  constructor(keyOf: (item: Item) => string) {
    this.#keyOf = keyOf;
  }

  of(item: Item): number {
    const key = this.#keyOf(item);
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    this.#positions.set(key, this.items.length);
    return this.items.push(item) - 1;
  }
}
