import { MalformedInputError } from './errors.ts';
import { ownValue } from './own-value.ts';

/** What a partition of a stream's state is about, e.g. `{account_id: 'DE:dsp:1234'}`. */
export type StateContext = Readonly<Record<string, string>>;

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The value of a state from a file or a STATE message, checked to be an object. A file may hold the
 * value itself or, as some runners save it, `{"singer_state": value}` or `{"value": value}`.
 */
export function unwrapState(value: unknown, source: string): JsonObject {
  const outer = objectOr(value, source);
  if ('bookmarks' in outer) return outer;
  if ('singer_state' in outer) return objectOr(outer['singer_state'], source);
  if (outer['type'] === 'STATE' && 'value' in outer) return objectOr(outer['value'], source);
  return outer;
}

/** Partitions of `stream`, each with its `context`; empty when the state has none. */
export function partitionsOf(
  state: JsonObject,
  stream: string,
): readonly (JsonObject & { readonly context: StateContext })[] {
  const bookmarks = state['bookmarks'];
  const bookmark = isObject(bookmarks) ? ownValue(bookmarks, stream) : undefined;
  const partitions = isObject(bookmark) ? bookmark['partitions'] : undefined;
  if (!Array.isArray(partitions)) return [];
  return partitions.filter(
    (partition): partition is JsonObject & { readonly context: StateContext } =>
      isObject(partition) && isObject(partition['context']),
  );
}

/** Streams that the state says something about. */
export function streamsOf(state: JsonObject): string[] {
  const bookmarks = state['bookmarks'];
  return isObject(bookmarks) ? Object.keys(bookmarks) : [];
}

function objectOr(value: unknown, source: string): JsonObject {
  if (isObject(value)) return value;
  throw new MalformedInputError(
    `${source} is not a Singer state: expected a JSON object such as {"bookmarks": {}}.`,
  );
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
