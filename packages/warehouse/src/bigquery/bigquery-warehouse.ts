import { changeAccountWith, countRows } from '../audit/administration.ts';
import { verifySlices } from '../audit/verify-slices.ts';
import { withReader } from '../audit/with-reader.ts';
import { ReadModel } from '../reading/read-model.ts';
import { laggingViews } from '../audit/lagging-views.ts';
import { GranteeError } from '../errors.ts';
import type { Grantees, Warehouse, WarehousePlace } from '../warehouse.ts';
import { BigQueryDriver } from './bigquery-driver.ts';
import { bigqueryReader } from './bigquery-reader.ts';
import { BigQuerySink } from './bigquery-sink.ts';
import { loadMessages } from './bigquery-target.ts';
import { checkRights } from './check-rights.ts';
import { readCosts } from './costs/read-costs.ts';
import { settingsOfUrl } from './jobs/bigquery-settings.ts';
import { readStatus } from './read-status.ts';
import { createViews } from './views/create-views.ts';
import { putExchangeRates } from './views/exchange-rates.ts';
import { grantStatements, isPrincipal, PRINCIPAL_EXPECTED } from './views/grants.ts';

/** BigQuery as a warehouse. */
export function bigqueryWarehouse(
  { url, nulReplacement }: WarehousePlace,
  env: Readonly<Record<string, string | undefined>>,
): Warehouse {
  const connection = settingsOfUrl(url, env);
  const place = { connection, nulReplacement };
  const reader = () => bigqueryReader(connection);
  return {
    openSink: (options) => new BigQuerySink({ ...place, ...options }),
    loadMessages: (source, options) => loadMessages(source, { ...place, ...options }),
    readStatus: () => readStatus(place),
    verify: () => withReader(reader, verifySlices),
    read: (work) => withReader(reader, (read) => work(new ReadModel(read))),
    countRows: (accountId) => withReader(reader, (read) => countRows(read, accountId)),
    changeAccount: (change, options) =>
      changeAccountWith(
        { reader, driver: async () => new BigQueryDriver({ ...place, ...options }) },
        change,
      ),
    readCosts: () => readCosts(place),
    checkRights: () => checkRights(place),
    laggingViews: () => withReader(reader, laggingViews),
    createViews: (settings) => createViews({ connection, ...settings }),
    putExchangeRates: (rates) => putExchangeRates(connection, rates),
    grantStatements: (grantees) =>
      grantStatements({
        ...connection,
        reader: principal('reader', grantees),
        loader: principal('loader', grantees),
      }),
  };
}

function principal(who: keyof Grantees, grantees: Grantees): string {
  const given = grantees[who];
  if (given !== undefined && isPrincipal(given)) return given;
  throw new GranteeError(
    who,
    `BigQuery grants rights to principals; ${PRINCIPAL_EXPECTED}, got ${given ?? 'none'}`,
  );
}
