import { EXIT } from './exit-code.ts';

/** The first signal commits what has arrived and ends; the second ends at once. */
export function interruptedBySignals(): AbortController {
  const controller = new AbortController();
  const stop = (code: number) => {
    process.exitCode = code;
    controller.abort();
  };
  process.once('SIGINT', () => stop(EXIT.interrupted));
  process.once('SIGTERM', () => stop(EXIT.terminated));
  return controller;
}
