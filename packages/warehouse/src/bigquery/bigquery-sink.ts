import type {
  LedgerRow,
  PartitionChange,
  RunMark,
  Sink,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';
import { StreamSchemaError, WarehouseError } from '../errors.ts';
import { defineStream } from '../stream-definition.ts';
import { BIGQUERY_NAMES } from './names.ts';
import { resultBytes } from './result-lines.ts';
import type { PreparedTable } from './table-resources.ts';
import { WarehouseSession } from './warehouse-session.ts';
import type { BigQueryOptions } from './warehouse-session.ts';

/** Loads results straight into BigQuery, and keeps the state there, in the same transactions. */
export class BigQuerySink implements Sink {
  readonly #options: BigQueryOptions;
  readonly #streams = new Map<string, PreparedTable>();
  #session: WarehouseSession | undefined;
  #run: RunMark | undefined;

  constructor(options: BigQueryOptions) {
    this.#options = Object.freeze({ ...options });
  }

  /**
   * The state of every stream of these accounts. Takes their leases first, so that what is read
   * stays true until this sink changes it.
   */
  async readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    const session = this.#connected();
    await session.lease(accounts);
    return session.readStates(accounts);
  }

  async open(
    run: RunMark,
    streams: readonly StreamDescription[],
    accounts: readonly string[],
  ): Promise<void> {
    const session = this.#connected();
    await session.lease(accounts);
    for (const accountId of accounts) session.leases.refuseStale(accountId, run);
    for (const stream of streams) {
      const definition = defineStream(stream, { ...BIGQUERY_NAMES, numberMode: 'numeric' });
      const { description } = stream.schema;
      const table = await session.tables.ensure(
        definition,
        [],
        typeof description === 'string' ? description : undefined,
      );
      this.#streams.set(stream.stream, table);
    }
    this.#run = run;
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    const { mark, ledger } = result;
    const table = this.#tableOf(mark.stream);
    const slice = { mark, ledger };
    const decisions = await this.#connected().flush({
      slices: [
        {
          table,
          rows: mark.row_count,
          slices: [slice],
          open: () => resultBytes(result, table),
        },
      ],
      tables: [],
      ledger: [],
      changes: [change],
      run: this.#runMark(),
    });
    return decisions.get(slice)?.outcome ?? { kind: 'handed_on' };
  }

  async ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    await this.#connected().enter({ ledger: rows, changes, run: this.#runMark() });
  }

  async state(change: PartitionChange): Promise<void> {
    await this.ledger([], [change]);
  }

  async close(): Promise<void> {
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  #connected(): WarehouseSession {
    this.#session ??= new WarehouseSession(this.#options);
    return this.#session;
  }

  #runMark(): RunMark {
    if (this.#run !== undefined) return this.#run;
    throw new WarehouseError('The sink was given data before it was opened.', {
      code: 'SINK_NOT_OPEN',
      disposition: 'fatal',
    });
  }

  #tableOf(stream: string): PreparedTable {
    const table = this.#streams.get(stream);
    if (table !== undefined) return table;
    throw new StreamSchemaError(
      stream,
      'it was not among the streams that the sink was opened with.',
    );
  }
}
