import { EXIT } from './exit-code.ts';

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** Listens for Ctrl-C and SIGTERM until disposed; the first one aborts, a second one kills. */
export function stopOnSignals(): Disposable & {
  readonly signal: AbortSignal;
  readonly exitCode: number | null;
} {
  const controller = new AbortController();
  let exitCode: number | null = null;
  const onSignal = (name: keyof typeof CODES) => {
    exitCode = CODES[name];
    controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
  };
  const names = Object.keys(CODES) as (keyof typeof CODES)[];
  for (const name of names) process.once(name, onSignal);
  return {
    signal: controller.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
