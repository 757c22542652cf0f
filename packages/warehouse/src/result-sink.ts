import { silentLogger } from '@traffic-events/client';
import type { Logger } from '@traffic-events/client';
import type {
  LedgerRow,
  PartitionChange,
  RefusedStream,
  RunMark,
  SliceKey,
  SliceOutcome,
  SliceResult,
  StreamDescription,
} from '@traffic-events/slice';
import type { Capabilities } from './capabilities.ts';
import type { ResultDriver } from './driver.ts';
import { StreamSchemaError, StreamTableError, WarehouseError } from './errors.ts';
import type { WarehouseSink } from './warehouse.ts';
import { heldCopy } from './slices/slice-decision.ts';
import type { PreparedTable } from './tables/prepared-table.ts';
import { defineTable } from './tables/table-definition.ts';

/** Loads results straight into a warehouse, and keeps the state there, in the same transactions. */
export class ResultSink implements WarehouseSink {
  readonly mayOverlap: boolean;
  readonly #capabilities: Capabilities;
  readonly #open: () => Promise<ResultDriver>;
  readonly #logger: Logger;
  readonly #tables = new Map<string, PreparedTable>();
  #driver: ResultDriver | undefined;
  #run: RunMark | undefined;

  /** `open` is called with the sink's first use. */
  constructor(
    capabilities: Capabilities,
    open: () => Promise<ResultDriver>,
    logger: Logger = silentLogger,
  ) {
    this.#logger = logger;
    this.mayOverlap = capabilities.gathersDeliveries;
    this.#capabilities = capabilities;
    this.#open = open;
  }

  /**
   * The state of every stream of these accounts. Takes their leases first, so that what is read
   * stays true until this sink changes it.
   */
  async readStates(accounts: readonly string[]): Promise<PartitionChange[]> {
    const driver = await this.#connected();
    return driver.readStates(accounts);
  }

  async open(
    run: RunMark,
    streams: readonly StreamDescription[],
    accounts: readonly string[],
  ): Promise<RefusedStream[]> {
    const driver = await this.#connected();
    await driver.begin(run, accounts);
    const refused: (StreamSchemaError | StreamTableError)[] = [];
    for (const stream of streams) {
      try {
        await this.#ensure(driver, stream);
      } catch (error) {
        const isOfStream = error instanceof StreamSchemaError || error instanceof StreamTableError;
        if (!isOfStream) throw error;
        refused.push(error);
        this.#logger.warn({ stream: stream.stream, reason: error.message }, 'stream.refused');
      }
    }
    const [first] = refused;
    if (first !== undefined && this.#tables.size === 0) throw first;
    this.#run = run;
    return refused.map(({ stream, message: reason }) => ({ stream, reason }));
  }

  async slice(result: SliceResult, change: PartitionChange): Promise<SliceOutcome> {
    const { stream } = result.mark;
    const table = this.#tables.get(stream);
    if (table === undefined) {
      throw new StreamSchemaError(
        stream,
        'it was not among the streams that the sink was opened with.',
      );
    }
    const outcome = await this.#deliver([], [change], { result, table });
    return outcome ?? { kind: 'handed_on' };
  }

  async ledger(rows: readonly LedgerRow[], changes: readonly PartitionChange[]): Promise<void> {
    await this.#deliver(rows, changes);
  }

  async state(change: PartitionChange): Promise<void> {
    await this.#deliver([], [change]);
  }

  async holdsWhole(slices: readonly SliceKey[]): Promise<SliceKey[]> {
    if (slices.length === 0) return [];
    const driver = await this.#connected();
    const copies = await driver.ledgerOf(slices);
    return slices.filter((_, index) => heldCopy(copies[index] ?? [], undefined)?.complete === true);
  }

  async close(): Promise<void> {
    const driver = this.#driver;
    this.#driver = undefined;
    await driver?.close();
  }

  async #ensure(driver: ResultDriver, stream: StreamDescription): Promise<void> {
    const rules = { ...this.#capabilities.names, numberMode: 'numeric' } as const;
    const table = await driver.ensure(defineTable(stream, rules), []);
    this.#tables.set(stream.stream, table);
  }

  async #connected(): Promise<ResultDriver> {
    this.#driver ??= await this.#open();
    return this.#driver;
  }

  async #deliver(
    ledger: readonly LedgerRow[],
    changes: readonly PartitionChange[],
    slice?: { readonly result: SliceResult; readonly table: PreparedTable },
  ): Promise<SliceOutcome | undefined> {
    if (this.#driver === undefined || this.#run === undefined) {
      throw new WarehouseError('The sink was given data before it was opened.', {
        code: 'sink_not_open',
        action: 'fatal',
      });
    }
    return this.#driver.deliver({ ...slice, ledger, changes, run: this.#run });
  }
}
