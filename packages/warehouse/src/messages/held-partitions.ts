import { partitionsOf } from '@traffic-events/singer';
import type { SliceKey } from '@traffic-events/slice';

type JsonObject = Readonly<Record<string, unknown>>;

/** Partitions of a tap's state that stay as they were, whatever later states say of them. */
export class HeldPartitions {
  /** The value of the last STATE that has come, as it was passed on. */
  #last: unknown;
  /** By stream and account; undefined for one that there was none of. */
  readonly #held = new Map<string, JsonObject | undefined>();

  /** Keeps a partition as it was in the STATE before. */
  hold({ stream, accountId }: Pick<SliceKey, 'stream' | 'accountId'>): void {
    const key = keyOf(stream, accountId);
    if (this.#held.has(key)) return;
    const before = isObject(this.#last) ? partitionsOf(this.#last, stream) : [];
    this.#held.set(
      key,
      before.find(({ context }) => context['account_id'] === accountId),
    );
  }

  has({ stream, accountId }: Pick<SliceKey, 'stream' | 'accountId'>): boolean {
    return this.#held.has(keyOf(stream, accountId));
  }

  /** A STATE with the held partitions in the place of its own. To be asked of each, in their order. */
  passedOn(value: unknown): unknown {
    this.#last = this.#held.size === 0 || !isObject(value) ? value : this.#replaced(value);
    return this.#last;
  }

  /** What it closes is left out as well: of slices that failed it is not true. */
  #replaced(value: JsonObject): JsonObject {
    const rest = Object.entries(value).filter(([key]) => key !== 'slice' && key !== 'slices');
    const { bookmarks } = value;
    if (!isObject(bookmarks)) return Object.fromEntries(rest);
    const entries = Object.entries(bookmarks).map(([stream, bookmark]) => {
      const isOurs = isObject(bookmark) && Array.isArray(bookmark['partitions']);
      return [stream, isOurs ? this.#ofStream(stream, bookmark) : bookmark] as const;
    });
    return { ...Object.fromEntries(rest), bookmarks: Object.fromEntries(entries) };
  }

  #ofStream(stream: string, bookmark: JsonObject): JsonObject {
    const partitions = (bookmark['partitions'] as readonly unknown[]).flatMap((partition) => {
      const context = isObject(partition) ? partition['context'] : undefined;
      const accountId = isObject(context) ? String(context['account_id']) : '';
      const key = keyOf(stream, accountId);
      return this.#held.has(key) ? (this.#held.get(key) ?? []) : [partition];
    });
    return { ...bookmark, partitions };
  }
}

function keyOf(stream: string, accountId: string): string {
  return JSON.stringify([stream, accountId]);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
