import { addDays } from '@traffic-events/slice';
import type { Simulator } from '@traffic-events/simulator';

const MARKETPLACE_IDS = { DE: 'A1PA6795UKMFR9' } as const;
const HOUR_MS = 3_600_000;

interface RawAccount {
  readonly marketplace: keyof typeof MARKETPLACE_IDS;
  readonly advertiserId: string;
}

/**
 * Campaign ids of a DSP advertiser as the API delivers them, asked for and read by hand: past all
 * code of ours that could round them.
 */
export async function rawCampaignIds(
  simulator: Simulator,
  account: RawAccount,
  dates: readonly string[],
): Promise<string[]> {
  const headers = await headersOf(simulator, account);
  const executions = `${simulator.url}/avc/workflowexecutions`;
  const created = await fetch(executions, {
    method: 'POST',
    headers,
    body: JSON.stringify({
      workflow: {
        sqlQuery:
          'SELECT campaign_id, SUM(impressions) AS impressions FROM dsp_impressions GROUP BY campaign_id',
      },
      timeWindow: {
        type: 'EXPLICIT',
        timezone: 'UTC',
        start: `${dates[0]}T00:00:00`,
        end: `${addDays(dates.at(-1) ?? '', 1)}T00:00:00`,
      },
    }),
  });
  const { workflowExecution } = (await created.json()) as {
    workflowExecution: { workflowExecutionId: string };
  };
  simulator.clock.advanceTo(simulator.clock.now() + HOUR_MS);
  const fresh = await headersOf(simulator, account);
  const urls = await fetch(`${executions}/${workflowExecution.workflowExecutionId}/downloadUrls`, {
    headers: fresh,
  });
  const { downloadUrls } = (await urls.json()) as { downloadUrls: string[] };
  const csv = await (await fetch(downloadUrls[0] ?? '')).text();
  const lines = csv.trim().split('\n').slice(1);
  return lines
    .map((line) => line.split(',')[0]?.replaceAll('"', '') ?? '')
    .filter((id) => id !== '');
}

async function headersOf({ url, credentials }: Simulator, account: RawAccount) {
  const answer = await fetch(`${url}/auth/o2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      refresh_token: credentials.refreshToken,
    }),
  });
  const { access_token: token } = (await answer.json()) as { access_token: string };
  return {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    'Amazon-Advertising-API-ClientId': credentials.clientId,
    'Amazon-Advertising-API-MarketplaceId': MARKETPLACE_IDS[account.marketplace],
    'Amazon-Advertising-Advertiser-Id': account.advertiserId,
  };
}
