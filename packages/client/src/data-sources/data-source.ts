/** Type of a column inside the clean room; of a result column also DECIMAL and BOOLEAN. */
export type ColumnType =
  | 'STRING'
  | 'LONG'
  | 'INTEGER'
  | 'DECIMAL'
  | 'DOUBLE'
  | 'BOOLEAN'
  | 'DATE'
  | 'TIMESTAMP';

/** Distinct users that a row needs: NONE 1, LOW 2, MEDIUM and HIGH 100, VERY_HIGH never leaves. */
export type Threshold = 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH' | 'VERY_HIGH';

export type DataSourceName =
  | 'devices_traffic'
  | 'dsp_clicks'
  | 'dsp_invalid_clicks'
  | 'dsp_impressions'
  | 'dsp_invalid_impressions'
  | 'dsp_views'
  | 'adserver_traffic'
  | 'invalid_adserver_traffic'
  | 'sponsored_ads_traffic'
  | 'sponsored_ads_invalid_traffic';

/** A column of a table inside the clean room. */
export interface DataSourceColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly role: 'dimension' | 'metric';
  /** As the documentation states it; null where it states none (see `effectiveThreshold`). */
  readonly threshold: Threshold | null;
  /** `millicents` is 1/100000 of the account's currency. Absent where the documentation has none. */
  readonly unit?: 'millicents';
  /** False for an average per event, which must not be summed. */
  readonly additive?: boolean;
  readonly documentedFormat?: string;
  /** What the documentation prints where it contradicts the column's own description. */
  readonly documentedRole?: 'dimension' | 'metric';
  readonly documentedType?: ColumnType;
}

/** A table inside the clean room. */
export interface DataSource {
  readonly name: DataSourceName;
  readonly accountKind: 'dsp' | 'sponsored_ads' | 'adserver' | 'devices';
  readonly invalidTraffic: boolean;
  /** The UTC date on which the event happened. */
  readonly eventDateColumn: string;
  /** The UTC hour of the event; null where the table has none. */
  readonly eventHourColumn: string | null;
  readonly columns: readonly DataSourceColumn[];
}

type ColumnExtras = Omit<DataSourceColumn, 'name' | 'type' | 'role' | 'threshold'>;

export function dimension(
  name: string,
  type: ColumnType,
  threshold: Threshold | null,
  extras: ColumnExtras = {},
): DataSourceColumn {
  return Object.freeze({ name, type, role: 'dimension', threshold, ...extras });
}

export function metric(
  name: string,
  type: ColumnType,
  threshold: Threshold | null,
  extras: ColumnExtras = {},
): DataSourceColumn {
  return Object.freeze({ name, type, role: 'metric', threshold, ...extras });
}

/**
 * The threshold to reckon with where the documentation states none: full timestamps MEDIUM, other
 * dimensions LOW, metrics NONE.
 */
export function effectiveThreshold(column: DataSourceColumn): Threshold {
  if (column.threshold !== null) return column.threshold;
  if (column.role === 'metric') return 'NONE';
  return /_dt(_utc)?$/.test(column.name) ? 'MEDIUM' : 'LOW';
}
