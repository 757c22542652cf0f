import type { Clock } from '@traffic-events/client';
import { ConfigError } from '@traffic-events/program';
import type { PartitionChange, Sink } from '@traffic-events/slice';
import type { Logger } from '@traffic-events/warehouse';
import type { WarehouseCosts } from '@traffic-events/warehouse/bigquery';
import type { PartitionStatus } from '@traffic-events/warehouse/postgres';

/** A sink that keeps the state as well. */
export interface WarehouseSink extends Sink {
  /** The state of the accounts; takes their leases. */
  readStates(accounts: readonly string[]): Promise<PartitionChange[]>;
}

interface SinkSurroundings {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Where the configuration says that the copy is kept. */
interface Place {
  readonly warehouse: string;
  readonly schema: string;
}

/** A place, and what becomes of values on the way there. */
interface LoadedPlace extends Place {
  readonly nul_replacement?: string | undefined;
}

/** Whom rights are granted to, as the options name them. */
interface Grantees {
  readonly reader?: string;
  readonly loader?: string;
}

/** What this program asks of a warehouse. */
interface Warehouse {
  openSink(place: LoadedPlace, surroundings: SinkSurroundings): Promise<WarehouseSink>;
  readStatus(place: Place): Promise<PartitionStatus[]>;
  /** What loading has cost; of warehouses that bill it. */
  readCosts?(place: Place): Promise<WarehouseCosts | undefined>;
  /** Makes the views; answers their statements. */
  createViews(place: Place, currencies: Readonly<Record<string, string>>): Promise<string[]>;
  grantStatements(place: Place, grantees: Grantees): Promise<string[]>;
}

/** A loader and its driver are read only where they are used. */
const postgres: Warehouse = {
  async openSink({ warehouse: url, schema, nul_replacement: nulReplacement }, surroundings) {
    const { PostgresSink } = await import('@traffic-events/warehouse/postgres');
    return new PostgresSink({ connection: { url }, schema, nulReplacement, ...surroundings });
  },
  async readStatus({ warehouse: url, schema }) {
    const { readStatus } = await import('@traffic-events/warehouse/postgres');
    return readStatus({ connection: { url }, schema });
  },
  async createViews({ warehouse: url, schema }, currencies) {
    const { createViews } = await import('@traffic-events/warehouse/postgres');
    return createViews({ connection: { url }, schema, currencies });
  },
  async grantStatements({ schema }, grantees) {
    const { grantStatements } = await import('@traffic-events/warehouse/postgres');
    const { reader = 'traffic_events_reader', loader = 'traffic_events_loader' } = grantees;
    return grantStatements({ schema, reader, loader });
  },
};

const bigquery: Warehouse = {
  async openSink({ warehouse: url, nul_replacement: nulReplacement }, surroundings) {
    const { BigQuerySink, settingsOfUrl } = await import('@traffic-events/warehouse/bigquery');
    const connection = settingsOfUrl(url, process.env);
    return new BigQuerySink({ connection, nulReplacement, ...surroundings });
  },
  async readStatus({ warehouse: url }) {
    const { readStatus, settingsOfUrl } = await import('@traffic-events/warehouse/bigquery');
    return readStatus({ connection: settingsOfUrl(url, process.env) });
  },
  async readCosts({ warehouse: url }) {
    const { readCosts, settingsOfUrl } = await import('@traffic-events/warehouse/bigquery');
    return readCosts({ connection: settingsOfUrl(url, process.env) });
  },
  async createViews({ warehouse: url }, currencies) {
    const { createViews, settingsOfUrl } = await import('@traffic-events/warehouse/bigquery');
    return createViews({ connection: settingsOfUrl(url, process.env), currencies });
  },
  async grantStatements({ warehouse: url }, grantees) {
    const driver = await import('@traffic-events/warehouse/bigquery');
    const principal = (option: 'reader' | 'loader') => {
      const given = grantees[option];
      if (given !== undefined && driver.isPrincipal(given)) return given;
      throw new ConfigError(
        `--${option}: BigQuery grants rights to principals; ${driver.PRINCIPAL_EXPECTED}, got ${given ?? 'none'}`,
      );
    };
    return driver.grantStatements({
      ...driver.settingsOfUrl(url, process.env),
      reader: principal('reader'),
      loader: principal('loader'),
    });
  },
};

const WAREHOUSES: Readonly<Record<string, Warehouse>> = {
  'bigquery:': bigquery,
  'postgres:': postgres,
  'postgresql:': postgres,
};

export const WAREHOUSE_EXPECTED =
  'expected postgres://user:password@host:5432/database or bigquery://project/dataset';

/** Whether a URL names a warehouse that there is a loader for. */
export function isWarehouseUrl(url: string): boolean {
  return /^[a-z]+:\/\//.test(url) && warehouseOf(url) !== undefined;
}

/** Nothing is connected before the sink's first use, and the caller closes it. */
export async function openWarehouse(
  place: LoadedPlace,
  surroundings: SinkSurroundings,
): Promise<WarehouseSink> {
  return requiredWarehouse(place).openSink(place, surroundings);
}

/** Makes the views for BI, or brings them up to date; answers their statements. */
export async function createWarehouseViews(
  place: Place,
  currencies: Readonly<Record<string, string>>,
): Promise<string[]> {
  return requiredWarehouse(place).createViews(place, currencies);
}

/** Statements that give one the right to read and another to load, and nothing else. */
export async function warehouseGrants(place: Place, grantees: Grantees): Promise<string[]> {
  return requiredWarehouse(place).grantStatements(place, grantees);
}

/** How everything that was loaded stands. */
export async function readWarehouseStatus(place: Place): Promise<PartitionStatus[]> {
  return requiredWarehouse(place).readStatus(place);
}

/** What loading has cost so far; undefined where nothing is billed or nothing has been entered. */
export async function readWarehouseCosts(place: Place): Promise<WarehouseCosts | undefined> {
  return requiredWarehouse(place).readCosts?.(place);
}

function warehouseOf(url: string): Warehouse | undefined {
  return WAREHOUSES[url.slice(0, url.indexOf(':') + 1)];
}

function requiredWarehouse({ warehouse }: Place): Warehouse {
  const found = warehouseOf(warehouse);
  if (found === undefined) throw new TypeError(`warehouse: ${WAREHOUSE_EXPECTED}`);
  return found;
}
