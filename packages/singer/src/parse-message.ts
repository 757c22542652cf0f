import { MalformedMessageError } from './errors.ts';
import type {
  ActivateVersionMessage,
  BatchMessage,
  Message,
  RecordMessage,
  SchemaMessage,
  UnknownMessage,
} from './message.ts';
import { parseLine } from './parse-line.ts';
import type { ParsedLine } from './parse-line.ts';
import { faultOf, sizeProblem } from './record-fault.ts';
import type { LineFlaws } from './record-fault.ts';

type Fields = Readonly<Record<string, unknown>>;

const SHOWN_CHARACTERS = 120;

/**
 * One line as a message; `hasBadBytes` says that not all of it was UTF-8. What is wrong with a record
 * stands in its `fault`. Throws `MalformedMessageError`, which shows the start of the line.
 */
export function parseMessage(
  text: string,
  { hasBadBytes = false }: { readonly hasBadBytes?: boolean } = {},
): Message | UnknownMessage {
  const { value: fields, hasBareNumbers } = parseFields(text);
  const flaws = { text, hasBareNumbers, hasBadBytes };
  if (fields['type'] === 'RECORD') return recordMessage(fields, flaws);
  refuseFlaws(fields, flaws);
  switch (fields['type']) {
    case 'STATE':
      return { type: 'STATE', value: required(fields, 'value', text) };
    case 'SCHEMA':
      return schemaMessage(fields, text);
    case 'BATCH':
      return batchMessage(fields, text);
    case 'ACTIVATE_VERSION':
      return activateVersionMessage(fields, text);
    default:
      return { type: 'UNKNOWN', name: textOf(fields, 'type', text) };
  }
}

function parseFields(text: string): ParsedLine & { readonly value: Fields } {
  let line: ParsedLine;
  try {
    line = parseLine(text);
  } catch (error) {
    throw new MalformedMessageError(
      `This line is not JSON: ${shown(text)} Singer messages are one JSON object a line; see that the tap prints nothing else.`,
      error,
    );
  }
  const { value, hasBareNumbers } = line;
  if (!isFields(value)) throw malformed('is not a JSON object', text);
  return { value, hasBareNumbers };
}

function refuseFlaws(fields: Fields, { text, hasBareNumbers, hasBadBytes }: LineFlaws): void {
  if (hasBareNumbers) throw malformed('has NaN or Infinity, which JSON does not have', text);
  if (hasBadBytes) throw malformed('has bytes that are no UTF-8', text);
  const problem = sizeProblem(fields, text);
  if (problem !== undefined) throw malformed(`is too large: ${problem}`, text);
}

function recordMessage(fields: Fields, flaws: LineFlaws): RecordMessage {
  const { text } = flaws;
  const record = fields['record'];
  if (!isFields(record)) throw malformed('has no object "record"', text);
  const { version, time_extracted } = fields;
  const fault = faultOf(record, flaws);
  return {
    type: 'RECORD',
    stream: textOf(fields, 'stream', text),
    record,
    ...(typeof version === 'number' ? { version } : {}),
    ...(typeof time_extracted === 'string' ? { time_extracted } : {}),
    ...(fault === undefined ? {} : { fault }),
  };
}

function schemaMessage(fields: Fields, text: string): SchemaMessage {
  const { schema } = fields;
  const stream = textOf(fields, 'stream', text);
  if (!isFields(schema)) throw malformed(`of stream ${stream} has no object "schema"`, text);
  const bookmarks = fields['bookmark_properties'];
  return {
    type: 'SCHEMA',
    stream,
    schema,
    key_properties: texts(fields['key_properties'] ?? [], 'key_properties', text),
    ...(Array.isArray(bookmarks)
      ? { bookmark_properties: texts(bookmarks, 'bookmark_properties', text) }
      : {}),
  };
}

function batchMessage(fields: Fields, text: string): BatchMessage {
  const encoding = fields['encoding'];
  if (!isFields(encoding)) throw malformed('has no object "encoding"', text);
  const { compression } = encoding;
  return {
    type: 'BATCH',
    stream: textOf(fields, 'stream', text),
    encoding: {
      format: textOf(encoding, 'format', text),
      ...(typeof compression === 'string' ? { compression } : {}),
    },
    manifest: texts(fields['manifest'], 'manifest', text),
  };
}

function activateVersionMessage(fields: Fields, text: string): ActivateVersionMessage {
  const version = fields['version'];
  if (typeof version !== 'number') throw malformed('has no number "version"', text);
  return { type: 'ACTIVATE_VERSION', stream: textOf(fields, 'stream', text), version };
}

function required(fields: Fields, key: string, text: string): unknown {
  if (!(key in fields)) throw malformed(`has no "${key}"`, text);
  return fields[key];
}

function textOf(fields: Fields, key: string, text: string): string {
  const value = fields[key];
  if (typeof value !== 'string') throw malformed(`has no string "${key}"`, text);
  return value;
}

function texts(value: unknown, key: string, text: string): string[] {
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value;
  throw malformed(`has no list of strings "${key}"`, text);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(what: string, text: string): MalformedMessageError {
  return new MalformedMessageError(`This Singer message ${what}: ${shown(text)}`);
}

function shown(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}…` : text;
}
