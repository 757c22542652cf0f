import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { MessageWriter, RecordEncoder } from '@traffic-events/singer';
import { LEDGER_KEY_PROPERTIES, LEDGER_SCHEMA, LEDGER_STREAM } from '@traffic-events/slice';
import {
  BENCH_RUN,
  BENCH_STREAM,
  benchChange,
  benchResult,
  endOf,
  TABLE_COLUMNS,
} from './bench-slice.ts';
import type { BenchFiles } from './bench-slice.ts';

/** The RECORD messages of the bench's slice, and what comes before and after them. */
export interface BenchMessages {
  readonly rowCount: number;
  readonly recordsPath: string;
  readonly schemas: string;
}

/** Writes the delivered rows as our tap does. */
export async function writeBenchMessages(
  directory: string,
  files: BenchFiles,
): Promise<BenchMessages> {
  const result = benchResult(files);
  const recordsPath = join(directory, 'records.singer');
  const output = createWriteStream(recordsPath);
  const writer = new MessageWriter({ output });
  const encoder = new RecordEncoder({
    properties: TABLE_COLUMNS.map(([name, sqlType]) => ({ name, kind: kindOf(sqlType) })),
  });
  const { mark, marketplace, extractedAt } = result;
  const constants = [
    mark.account_id,
    marketplace,
    mark.event_date,
    mark.execution_id,
    extractedAt,
  ] as const;
  let rowNumber = 0;
  for await (const rows of result.rows()) {
    const bodies = rows.map((cells) => {
      rowNumber += 1;
      return encoder.encode([...constants, ...cells, String(rowNumber)]);
    });
    await writer.writeRecordBodies(BENCH_STREAM.stream, bodies);
  }
  await writer.close();
  await endOf(output);
  return { rowCount: files.rowCount, recordsPath, schemas: schemaMessages() };
}

function kindOf(sqlType: string): 'number' | 'boolean' | 'string' {
  if (sqlType === 'bigint') return 'number';
  return sqlType === 'boolean' ? 'boolean' : 'string';
}

function schemaMessages(): string {
  const schemas = [
    BENCH_STREAM,
    { stream: LEDGER_STREAM, schema: LEDGER_SCHEMA, keyProperties: LEDGER_KEY_PROPERTIES },
  ];
  return schemas
    .map(({ stream, schema, keyProperties }) => ({
      type: 'SCHEMA',
      stream,
      schema,
      key_properties: keyProperties,
    }))
    .map((message) => `${JSON.stringify(message)}\n`)
    .join('');
}

/** The whole input of a target: the records `times` over, declared as one slice. */
export async function* benchInput(
  messages: BenchMessages,
  files: BenchFiles,
  times: number,
): AsyncGenerator<Buffer> {
  yield Buffer.from(messages.schemas);
  for (let time = 0; time < times; time += 1) {
    const records = createReadStream(messages.recordsPath, { highWaterMark: 256 * 1024 });
    for await (const bytes of records) yield bytes as Buffer;
  }
  yield Buffer.from(closingMessages(files, messages.rowCount * times));
}

function closingMessages(files: BenchFiles, rowCount: number): string {
  const { ledger, mark } = benchResult(files);
  const { stream, accountId, state } = benchChange();
  const partition = { context: { account_id: accountId }, ...state };
  const value = {
    bookmarks: { [stream]: { partitions: [partition] } },
    slice: { ...mark, row_count: rowCount },
    run: BENCH_RUN,
  };
  const record = { ...ledger, row_count: rowCount };
  return [
    { type: 'RECORD', stream: LEDGER_STREAM, record },
    { type: 'STATE', value },
  ]
    .map((message) => `${JSON.stringify(message)}\n`)
    .join('');
}
