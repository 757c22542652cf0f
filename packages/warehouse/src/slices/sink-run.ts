import type { RunMark } from '@traffic-events/slice';
import { StreamSchemaError, WarehouseError } from '../errors.ts';

/** What a sink was opened with: the run, and the tables of its streams. */
export class SinkRun<Table> {
  readonly #tables = new Map<string, Table>();
  #mark: RunMark | undefined;

  add(stream: string, table: Table): void {
    this.#tables.set(stream, table);
  }

  begin(mark: RunMark): void {
    this.#mark = mark;
  }

  get mark(): RunMark {
    if (this.#mark !== undefined) return this.#mark;
    throw new WarehouseError('The sink was given data before it was opened.', {
      code: 'SINK_NOT_OPEN',
      disposition: 'fatal',
    });
  }

  tableOf(stream: string): Table {
    const table = this.#tables.get(stream);
    if (table !== undefined) return table;
    throw new StreamSchemaError(
      stream,
      'it was not among the streams that the sink was opened with.',
    );
  }
}
