import pg from 'pg';
import type { DateTotals } from './report.ts';

/** What plain SQL says about the warehouse after the demo. */
export interface WarehouseTotals {
  readonly byDate: ReadonlyMap<string, DateTotals>;
  readonly rows: bigint;
  /** Event dates of which every slice is settled. */
  readonly settledDates: ReadonlySet<string>;
}

// Each account of the demo has its own kind, so no event is in two of these sources.
const TOTALS = `
  SELECT event_date::text, sum(impressions)::text AS impressions, sum(clicks)::text AS clicks,
         sum(cost)::text AS cost, sum(rows)::text AS rows
  FROM (
    SELECT event_date, sum(impressions) AS impressions, 0 AS clicks, sum(impression_cost) AS cost, count(*) AS rows
    FROM dsp_impressions GROUP BY event_date
    UNION ALL
    SELECT event_date, 0, sum(clicks), 0, count(*) FROM dsp_clicks GROUP BY event_date
    UNION ALL
    SELECT event_date, sum(impressions), sum(clicks), 0, count(*) FROM sponsored_ads_traffic GROUP BY event_date
  ) AS source
  GROUP BY event_date`;

const SETTLED = `
  SELECT event_date::text FROM (
    SELECT DISTINCT ON (stream, account_id, event_date) event_date, status FROM extractions
    WHERE status NOT IN ('kept_better', 'failed')
    ORDER BY stream, account_id, event_date, recorded_at DESC
  ) AS slice
  GROUP BY event_date HAVING count(*) = $1 AND bool_and(status = 'settled')`;

/** Reads the totals of every date; `slicesPerDate` is how many slices make a date whole. */
export async function readWarehouseTotals(
  url: string,
  schema: string,
  slicesPerDate: number,
): Promise<WarehouseTotals> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET search_path TO ${pg.escapeIdentifier(schema)}`);
    const totals =
      await client.query<Record<'event_date' | keyof DateTotals | 'rows', string>>(TOTALS);
    const settled = await client.query<{ event_date: string }>(SETTLED, [slicesPerDate]);
    return {
      byDate: new Map(
        totals.rows.map((row) => [
          row.event_date,
          {
            impressions: BigInt(row.impressions),
            clicks: BigInt(row.clicks),
            cost: BigInt(row.cost),
          },
        ]),
      ),
      rows: totals.rows.reduce((sum, row) => sum + BigInt(row.rows), 0n),
      settledDates: new Set(settled.rows.map((row) => row.event_date)),
    };
  } finally {
    await client.end();
  }
}
