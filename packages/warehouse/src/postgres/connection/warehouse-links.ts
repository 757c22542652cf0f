import { systemClock } from '@traffic-events/client';
import { silentLogger } from '../../logger.ts';
import { AccountTransaction } from '../load/account-transaction.ts';
import { DEFAULT_LEASE_TIMINGS, LeaseKeeper } from '../lease-keeper.ts';
import type { HeldLeases } from '../lease-keeper.ts';
import { PostgresConnection } from './postgres-connection.ts';
import type { PostgresSinkOptions } from '../postgres-sink.ts';
import type { SliceLoadOptions } from '../load/slice-load.ts';
import { StreamTables } from '../tables/stream-tables.ts';
import { statementBuilder } from '../tables/warehouse-tables.ts';

export const DEFAULT_SCHEMA = 'traffic_events';

/**
 * Two connections to a warehouse, and what works over them: one for the transactions with data, and
 * one beside it for heartbeats, tables and partitions, which must not wait for them.
 */
export interface WarehouseLinks {
  readonly data: PostgresConnection;
  readonly control: PostgresConnection;
  readonly leases: LeaseKeeper;
  readonly tables: StreamTables;
  readonly sliceOptions: SliceLoadOptions;
}

/** Connects. `held` are leases of this process whose connection was lost. */
export async function linkWarehouse(
  options: PostgresSinkOptions,
  held: HeldLeases = new Map(),
): Promise<WarehouseLinks> {
  const data = await PostgresConnection.open(options.connection, 'traffic-events');
  try {
    const control = await PostgresConnection.open(options.connection, 'traffic-events control');
    return linksOf(options, { data, control, held });
  } catch (error) {
    await data.close();
    throw error;
  }
}

function linksOf(
  options: PostgresSinkOptions,
  { data, control, held }: Pick<WarehouseLinks, 'data' | 'control'> & { readonly held: HeldLeases },
): WarehouseLinks {
  const schema = options.schema ?? DEFAULT_SCHEMA;
  const statements = statementBuilder(schema);
  const clock = options.clock ?? systemClock;
  const tables = new StreamTables({ connection: control, statements, schema, clock });
  const leases = new LeaseKeeper({
    connection: control,
    holder: data.backend,
    held,
    statements,
    schema,
    clock: options.leaseClock ?? systemClock,
    logger: options.logger ?? silentLogger,
    timings: { ...DEFAULT_LEASE_TIMINGS, ...options.leaseTimings },
  });
  const base = { connection: data, statements, schema, leases, clock };
  const transaction = new AccountTransaction(base);
  return { data, control, leases, tables, sliceOptions: { ...base, transaction, tables } };
}
