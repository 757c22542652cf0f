import { changeAccountWith, countRowsWith, verifyWith } from '../audit/administration.ts';
import { readWith } from '../reading/read-with.ts';
import type { Warehouse, WarehousePlace } from '../warehouse.ts';
import { PostgresDriver } from './postgres-driver.ts';
import { checkRights } from './check-rights.ts';
import { DEFAULT_SCHEMA } from './postgres-options.ts';
import { postgresReader } from './postgres-reader.ts';
import { PostgresSink } from './postgres-sink.ts';
import { loadMessages } from './postgres-target.ts';
import { readStatus } from './read-status.ts';
import { createViews } from './views/create-views.ts';
import { putExchangeRates } from './views/exchange-rates.ts';
import { grantStatements } from './views/grants.ts';

/** PostgreSQL as a warehouse. */
export function postgresWarehouse({ url, schema, nulReplacement }: WarehousePlace): Warehouse {
  const place = { connection: { url }, schema, nulReplacement };
  const reader = () => postgresReader(place);
  return {
    openSink: (options) => new PostgresSink({ ...place, ...options }),
    loadMessages: (source, options) => loadMessages(source, { ...place, ...options }),
    readStatus: () => readStatus(place),
    verify: () => verifyWith(reader),
    read: (work) => readWith(reader, work),
    countRows: (accountId) => countRowsWith(reader, accountId),
    changeAccount: (change, options) =>
      changeAccountWith(
        { reader, driver: () => PostgresDriver.open({ ...place, ...options }) },
        change,
      ),
    checkRights: () => checkRights(place),
    createViews: (settings) => createViews({ ...place, ...settings }),
    putExchangeRates: (rates) => putExchangeRates(place, rates),
    grantStatements: ({ reader = 'traffic_events_reader', loader = 'traffic_events_loader' }) =>
      grantStatements({ schema: schema ?? DEFAULT_SCHEMA, reader, loader }),
  };
}
