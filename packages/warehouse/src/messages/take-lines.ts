import { systemClock } from '@traffic-events/client';
import { readLines } from '@traffic-events/singer';
import { DEFAULT_LOAD_RULES } from './load-rules.ts';
import type { LoadRules } from './load-rules.ts';

/** What takes the lines of a tap. */
export interface LineLoader {
  /** Called as a group of lines has arrived. */
  noteReceived(): void;
  /** Takes a line. Answers a promise only when there is something to wait for. */
  take(line: Buffer): Promise<void> | undefined;
  /** Commits what waits, and passes on the newest state that is true then. */
  drain(): Promise<void>;
}

interface TakeLinesOptions {
  /** Longest message accepted, in bytes. */
  readonly maxLineBytes?: number | undefined;
  readonly rules?: Partial<LoadRules> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Hands lines to a loader until they end or `signal` asks to stop, and has it drain when they are old. */
export async function takeLines(
  source: AsyncIterable<Uint8Array>,
  loader: LineLoader,
  options: TakeLinesOptions,
): Promise<void> {
  const { maxLineBytes, rules, signal = new AbortController().signal } = options;
  const maxAgeMs = (rules?.drain ?? DEFAULT_LOAD_RULES.drain).maxAgeMs;
  const groups = readLines(source, maxLineBytes === undefined ? {} : { maxLineBytes });
  let drainAtMs = systemClock.now() + maxAgeMs;
  let next = groups.next();
  while (!signal.aborted) {
    const arrived = await within(drainAtMs - systemClock.now(), next, signal);
    if (arrived?.done === true) return;
    if (arrived !== undefined) {
      loader.noteReceived();
      for (const line of arrived.value) {
        const taken = loader.take(line);
        if (taken !== undefined) await taken;
      }
      next = groups.next();
    }
    // Also while a tap is silent: what it has sent must not wait for its next message.
    if (systemClock.now() < drainAtMs) continue;
    await loader.drain();
    drainAtMs = systemClock.now() + maxAgeMs;
  }
  // Nobody waits for the rest; that it ends in an error then is no news.
  next.catch(() => {});
}

/** What `pending` resolves to, or undefined when time is up or `signal` asks to stop. */
function within<T>(
  timeoutMs: number,
  pending: Promise<T>,
  signal: AbortSignal,
): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve(undefined);
    };
    const timer = setTimeout(end, Math.max(timeoutMs, 0));
    signal.addEventListener('abort', end);
    // `end` comes second here: a promise keeps what it was given first.
    pending.then(resolve, reject).finally(end);
  });
}
