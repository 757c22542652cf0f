import type { EventDate } from '@traffic-events/slice';
import { sql } from 'kysely';
import { StreamSchemaError, tableFailure } from '../../errors.ts';
import { qualified } from '../connection/identifiers.ts';
import { lock } from './migrations/migrate.ts';
import type { StreamTablesOptions } from './stream-tables.ts';
import { monthOf, partitionName, partitionSql } from './table-sql.ts';

/** Partitions of the tables of slices, by month. */
export class Partitions {
  readonly #options: StreamTablesOptions;

  constructor(options: StreamTablesOptions) {
    this.#options = options;
  }

  /**
   * Makes the partition that holds `date`, standalone and then attached. Asks each time: somebody may
   * detach one to archive it, and rows that are copied into it are in the table no more.
   */
  async ensure(stream: string, table: string, date: EventDate): Promise<void> {
    const { connection, schema } = this.#options;
    if (await this.#isAttached(stream, table, date)) return;
    try {
      await connection.transaction(async () => {
        await lock(this.#options);
        if (await this.#isAttached(stream, table, date)) return;
        await connection.execute(partitionSql(schema, table, date).join(';\n'));
      });
    } catch (error) {
      throw tableFailure(stream, error);
    }
  }

  async #isAttached(stream: string, table: string, date: EventDate): Promise<boolean> {
    const { connection, statements, schema } = this.#options;
    const [parent, partition] = [
      qualified(schema, table),
      qualified(schema, partitionName(table, date)),
    ];
    const [found] = await connection.rows(
      sql<{ is_attached: boolean; is_allowed: boolean }>`
        SELECT EXISTS (SELECT 1 FROM pg_inherits
                        WHERE inhrelid = c.oid AND inhparent = to_regclass(${parent})
                          AND NOT inhdetachpending) AS is_attached,
               has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'DELETE')
                 AND has_table_privilege(c.oid, 'SELECT') AS is_allowed
          FROM pg_class c WHERE c.oid = to_regclass(${partition})`.compile(statements),
    );
    if (found === undefined) return false;
    if (found.is_attached && found.is_allowed) return true;
    if (found.is_attached) {
      throw new StreamSchemaError(
        stream,
        `${partition} gives us no right to load. Have its owner say GRANT SELECT, INSERT, DELETE ON ${partition}, or load as its owner.`,
      );
    }
    const { from, to } = monthOf(date);
    throw new StreamSchemaError(
      stream,
      `${partition} is there, but is no partition of ${parent}: what is loaded into it would not be in the table. Attach it with ALTER TABLE ${parent} ATTACH PARTITION ${partition} FOR VALUES FROM ('${from}') TO ('${to}'), or rename it.`,
    );
  }
}
