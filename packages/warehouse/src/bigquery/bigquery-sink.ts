import { systemClock } from '@traffic-events/client';
import type {
  LedgerRow,
  PartitionChange,
  RunMark,
  Sink,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';
import { LeaseLostError, WarehouseError } from '../errors.ts';
import { refusedOutcome } from '../slices/refused-outcome.ts';
import { SinkRun } from '../slices/sink-run.ts';
import { defineStream } from '../tables/stream-definition.ts';
import { DeliveryQueue } from './commit/delivery-queue.ts';
import { DEFAULT_GROUP_LIMITS } from './commit/flush-groups.ts';
import type { Delivery } from './commit/flush-groups.ts';
import { BIGQUERY_NAMES } from './tables/names.ts';
import { resultBytes } from './staging/result-lines.ts';
import type { PreparedTable } from '../tables/prepared-table.ts';
import { WarehouseSession } from './warehouse-session.ts';
import type { BigQueryOptions, SliceSource } from './warehouse-session.ts';

/** Slots that are filled together ask for their executions, and are told, in one breath. */
const GATHER_MS = 100;

/**
 * Loads results straight into BigQuery, and keeps the state there, in the same transactions. What is
 * delivered while a flush is under way goes into the next one together.
 */
export class BigQuerySink implements Sink {
  readonly mayOverlap = true;
  readonly #options: BigQueryOptions;
  readonly #queue: DeliveryQueue<SliceOutcome | undefined>;
  readonly #run = new SinkRun<PreparedTable>();
  #session: WarehouseSession | undefined;

  constructor(options: BigQueryOptions) {
    this.#options = Object.freeze({ ...options });
    this.#queue = new DeliveryQueue({
      limits: DEFAULT_GROUP_LIMITS,
      commit: (group) => this.#commit(group),
      isOfOne: mayBeOfOneSlice,
      refusalOf: (error, { result }) => (result === undefined ? undefined : refusedOutcome(error)),
      gather: () => systemClock.sleep(GATHER_MS),
    });
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
    await session.begin(run, accounts);
    for (const stream of streams) {
      const definition = defineStream(stream, { ...BIGQUERY_NAMES, numberMode: 'numeric' });
      const { description } = stream.schema;
      const table = await session.tables.ensure(
        definition,
        [],
        typeof description === 'string' ? description : undefined,
      );
      this.#run.add(stream.stream, table);
    }
    this.#run.begin(run);
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    this.#run.tableOf(result.mark.stream);
    const outcome = await this.#queue.add({ result, ledger: [], changes: [change] });
    return outcome ?? { kind: 'handed_on' };
  }

  async ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    await this.#queue.add({ ledger: rows, changes });
  }

  async state(change: PartitionChange): Promise<void> {
    await this.ledger([], [change]);
  }

  async close(): Promise<void> {
    await this.#queue.idle();
    const session = this.#session;
    this.#session = undefined;
    await session?.close();
  }

  async #commit(group: readonly Delivery[]): Promise<(SliceOutcome | undefined)[]> {
    const results = group.flatMap(({ result }) => (result === undefined ? [] : [result]));
    const decisions = await this.#connected().flush({
      slices: [...Map.groupBy(results, ({ mark }) => mark.stream)].map((slices) =>
        this.#sourceOf(...slices),
      ),
      tables: [],
      ledger: group.flatMap(({ ledger }) => ledger),
      changes: group.flatMap(({ changes }) => changes),
      run: this.#run.mark,
    });
    return group.map(({ result }) => result && decisions.get(result)?.outcome);
  }

  #sourceOf(stream: string, results: readonly SliceResult[]): SliceSource {
    const table = this.#run.tableOf(stream);
    return {
      table,
      rows: results.reduce((sum, { mark }) => sum + mark.row_count, 0),
      slices: results,
      open: () => resultBytes(results, table, this.#options),
    };
  }

  #connected(): WarehouseSession {
    this.#session ??= new WarehouseSession(this.#options);
    return this.#session;
  }
}

/** What may pass is a fault of the way there, and its commit may have arrived all the same. */
function mayBeOfOneSlice(error: unknown): boolean {
  if (!(error instanceof WarehouseError) || error instanceof LeaseLostError) return false;
  return error.disposition !== 'retriable';
}
