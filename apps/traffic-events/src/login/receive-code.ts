import { createInterface } from 'node:readline';
import type { Prompts } from '../prompts.ts';
import { consentCode, ConsentMissingError } from './consent-code.ts';
import { isLoopback, openLoopback } from './loopback.ts';

export interface CodeWait {
  readonly redirectUrl: string;
  readonly state: string;
  /** Asks for the code where somebody sits at a terminal. */
  readonly prompts: Prompts | undefined;
  /** Has lines where nobody does. */
  readonly input: NodeJS.ReadableStream;
  /** Longest wait for a person, real time. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/**
 * Waits for the code of a consent: from the browser where it comes back to this machine, and from
 * whoever pastes it, whichever is first.
 */
export async function receiveCode(wait: CodeWait, onReady: () => void): Promise<string> {
  const { redirectUrl, state, prompts, waitMs } = wait;
  const timeUp = AbortSignal.timeout(waitMs);
  const received = new AbortController();
  const signal = AbortSignal.any([wait.signal, timeUp, received.signal]);
  await using loopback = isLoopback(redirectUrl)
    ? await openLoopback(redirectUrl, state)
    : undefined;
  onReady();
  const isAlone = loopback === undefined && prompts === undefined;
  const byHand = [
    ...(prompts === undefined ? [] : [pasted(prompts, state, signal)]),
    ...(isAlone ? [nextLine(wait, signal)] : []),
    aborted(signal),
  ];
  try {
    return await Promise.race(loopback === undefined ? byHand : [loopback.code, ...byHand]);
  } catch (error) {
    if (!timeUp.aborted) throw error;
    throw new ConsentMissingError(
      `No consent came within ${Math.round(waitMs / 60_000)} minutes. Run login again, or give it more time by --wait.`,
      { cause: error },
    );
  } finally {
    received.abort();
    await Promise.allSettled(byHand);
  }
}

async function pasted(prompts: Prompts, state: string, signal: AbortSignal): Promise<string> {
  const faultOf = (answer: string) => {
    try {
      consentCode(answer, state);
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  };
  const message = 'The address that the browser ended at, or its code:';
  return consentCode(await prompts.text({ message, faultOf }, signal), state);
}

async function nextLine({ input, state }: CodeWait, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input, signal });
  for await (const line of lines) {
    if (line.trim() !== '') return consentCode(line, state);
  }
  signal.throwIfAborted();
  throw new ConsentMissingError(
    'No code came on standard input. Paste the address that the browser ended at.',
  );
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = () => reject(signal.reason);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}
