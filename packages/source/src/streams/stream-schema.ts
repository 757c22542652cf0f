import {
  REPLACE_BY,
  REPLACE_BY_KEY,
  SLICE_KEY_PROPERTIES,
  warehouseColumn,
} from '@traffic-events/slice';
import type { ColumnType, ResultColumn, StreamDescription } from '@traffic-events/slice';

import type { StreamDefinition } from './stream.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

const typeSchemas: Readonly<Record<ColumnType, JsonSchema>> = {
  STRING: { type: ['null', 'string'] },
  LONG: { type: ['null', 'integer'] },
  INTEGER: { type: ['null', 'integer'] },
  DECIMAL: { type: ['null', 'number'] },
  DOUBLE: { type: ['null', 'number'] },
  BOOLEAN: { type: ['null', 'boolean'] },
  DATE: { type: ['null', 'string'], format: 'date' },
  TIMESTAMP: { type: ['null', 'string'], format: 'date-time' },
};

/** JSON schema key of the unit that a metric is delivered in. */
const UNIT_KEY = 'x-unit';

const before: Readonly<Record<string, JsonSchema>> = {
  account_id: { type: 'string', description: 'Stable key of the account, such as DE:dsp:1234.' },
  marketplace: { type: 'string', description: 'Marketplace code of the account.' },
  event_date: {
    type: 'string',
    format: 'date',
    description: "Date in the account's time zone on which the events happened.",
  },
};

const after: Readonly<Record<string, JsonSchema>> = {
  execution_id: { type: 'string', description: 'Workflow execution that the row comes from.' },
  row_number: { type: 'integer', description: 'Place of the row in the result, from 1.' },
  extracted_at: {
    type: 'string',
    format: 'date-time',
    description: 'When the result was downloaded, in API time.',
  },
};

/** A slice stream as its records are described to a sink. */
export function describeStream(stream: StreamDefinition): StreamDescription {
  return {
    stream: stream.name,
    schema: {
      type: 'object',
      description: stream.description,
      [REPLACE_BY_KEY]: [...REPLACE_BY],
      properties: {
        ...before,
        ...properties(stream.columns.filter(isFlag)),
        ...properties(stream.columns.filter((column) => !isFlag(column))),
        ...after,
      },
    },
    keyProperties: [...SLICE_KEY_PROPERTIES],
  };
}

function isFlag({ role }: ResultColumn): boolean {
  return role === 'discriminator';
}

function properties(columns: readonly ResultColumn[]) {
  return Object.fromEntries(columns.map((column) => [recordKey(column), columnSchema(column)]));
}

/** The key of a column in a record: reserved names win, except that `filtered` is the result's own. */
export function recordKey(column: ResultColumn): string {
  return isFlag(column) ? column.name : warehouseColumn(column.name);
}

function columnSchema(column: ResultColumn): JsonSchema {
  const { description, unit } = column;
  if (isFlag(column)) return { type: 'boolean', description };
  const text = [description, unit && unitSentence(unit)].filter(Boolean).join(' ');
  return {
    ...typeSchemas[column.type],
    ...(text === '' ? {} : { description: text }),
    ...(unit === undefined ? {} : { [UNIT_KEY]: unit }),
  };
}

function unitSentence(unit: string): string {
  return unit === 'millicents'
    ? "In millicents, 1/100000 of the account's currency."
    : `In ${unit}.`;
}
