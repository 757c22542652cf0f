import { changeAccountWith, countRows } from '../audit/administration.ts';
import { verifySlices } from '../audit/verify-slices.ts';
import { withReader } from '../audit/with-reader.ts';
import { ReadModel } from '../reading/read-model.ts';
import { laggingViews } from '../audit/lagging-views.ts';
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
export function postgresWarehouse(where: WarehousePlace): Warehouse {
  const { url, schema, lockTimeoutMs, nulReplacement } = where;
  const place = { connection: { url, lockTimeoutMs }, schema, nulReplacement };
  const reader = () => postgresReader(place);
  return {
    openSink: (options) => new PostgresSink({ ...place, ...options }),
    loadMessages: (source, options) => loadMessages(source, { ...place, ...options }),
    readStatus: () => readStatus(place),
    verify: () => withReader(reader, verifySlices),
    read: (work) => withReader(reader, (read) => work(new ReadModel(read))),
    countRows: (accountId) => withReader(reader, (read) => countRows(read, accountId)),
    changeAccount: (change, options) =>
      changeAccountWith(
        { reader, driver: () => PostgresDriver.open({ ...place, ...options }) },
        change,
      ),
    checkRights: () => checkRights(place),
    laggingViews: () => withReader(reader, laggingViews),
    createViews: (settings) => createViews({ ...place, ...settings }),
    putExchangeRates: (rates) => putExchangeRates(place, rates),
    grantStatements: ({ reader = 'traffic_events_reader', loader = 'traffic_events_loader' }) =>
      grantStatements({ schema: schema ?? DEFAULT_SCHEMA, reader, loader }),
  };
}
