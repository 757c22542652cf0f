import { EXIT } from './exit-code.ts';
import type { ExitCode } from './exit-code.ts';

/** As shells and schedulers know them: 128 and the number of the signal. */
const CODES = {
  SIGHUP: EXIT.hungUp,
  SIGINT: EXIT.interrupted,
  SIGTERM: EXIT.terminated,
} as const;

/** Schedulers kill after ten seconds; deliveries have had eight of them. */
const LAST_MS = 9000;

type StopSignal = keyof typeof CODES;

/** A signal that aborts on Ctrl-C, SIGTERM and a terminal that was closed, and the exit code that such an end has. */
export interface SignalStop extends Disposable {
  readonly signal: AbortSignal;
  /** Aborts some seconds after it: who still waits for others then waits no longer. */
  readonly lastSignal: AbortSignal;
  /** Null until a signal has come. */
  readonly exitCode: ExitCode | null;
}

/** Listens until disposed; the first signal aborts, a second one kills. */
export function stopOnSignals(
  names: readonly StopSignal[] = ['SIGHUP', 'SIGINT', 'SIGTERM'],
): SignalStop {
  const controller = new AbortController();
  const last = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let exitCode: ExitCode | null = null;
  const onSignal = (name: StopSignal) => {
    exitCode = CODES[name];
    controller.abort(new DOMException(`stopped by ${name}`, 'AbortError'));
    timer ??= setTimeout(() => last.abort(controller.signal.reason), LAST_MS).unref();
  };
  for (const name of names) process.once(name, onSignal);
  return {
    signal: controller.signal,
    lastSignal: last.signal,
    get exitCode() {
      return exitCode;
    },
    [Symbol.dispose]() {
      for (const name of names) process.off(name, onSignal);
      clearTimeout(timer);
    },
  };
}
