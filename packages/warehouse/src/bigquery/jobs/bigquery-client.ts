import { BigQuery } from '@google-cloud/bigquery';
import { OAuth2Client } from 'google-auth-library';
import { WarehouseConnectionError } from '../../errors.ts';
import type { BigQuerySettings } from './bigquery-settings.ts';

/** A client for the settings. Requests are tried again by this package, which knows their job ids. */
export function makeClient(settings: BigQuerySettings): BigQuery {
  const { project, location, keyFile, keyJson, apiEndpoint } = settings;
  const client = new BigQuery({
    projectId: project,
    retryOptions: { autoRetry: false, maxRetries: 0 },
    userAgent: 'traffic-events/0.1.0',
    ...(location === undefined ? {} : { location }),
    ...(keyFile === undefined ? {} : { keyFilename: keyFile }),
    ...(keyJson === undefined ? {} : { credentials: keyOf(keyJson) }),
    ...(apiEndpoint === undefined ? {} : emulated(apiEndpoint)),
  });
  // The client takes BIGQUERY_EMULATOR_HOST as it stands, without scheme and path, whatever its options say.
  Object.assign(client, { baseUrl: `${client.apiEndpoint}/bigquery/v2` });
  return client;
}

function keyOf(keyJson: string): { client_email?: string; private_key?: string } {
  try {
    return JSON.parse(keyJson) as object;
  } catch {
    throw new WarehouseConnectionError(
      'credentials_json is not JSON. Give the whole content of the key file of a service account.',
      { action: 'fatal' },
    );
  }
}

/** Without headers of authentication the client's uploads fail, so an emulator gets a token too. */
function emulated(apiEndpoint: string) {
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: 'emulator' });
  return { apiEndpoint, useAuthWithCustomEndpoint: true, authClient };
}
