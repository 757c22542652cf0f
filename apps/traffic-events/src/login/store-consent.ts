import { chmodSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { ConfigError } from '@traffic-events/program';
import type { EventDate } from '@traffic-events/slice';
import { envLine, setEnvLines } from './env-lines.ts';

/** Where a refresh token is kept: printed as lines of an environment, in `.env`, in a file of its own. */
export const STORES = ['env', 'dotenv', 'file'] as const;

export type Store = (typeof STORES)[number];

export type StorePlace =
  | (Place & { readonly store: 'env' })
  | (Place & { readonly store: 'dotenv' })
  | (Place & { readonly store: 'file'; readonly file: string });

interface Place {
  /** The configuration, beside which `.env` stands. */
  readonly config: string;
}

export interface GivenConsent {
  readonly refreshToken: string;
  /** Undefined for one that does not end by itself. */
  readonly ends: EventDate | undefined;
}

/** The variables that a consent is read from. */
export interface ConsentVariables {
  readonly token: string;
  readonly end: string;
}

export interface Stored {
  /** For standard output: lines that only the caller can keep. */
  readonly lines: readonly string[];
  /** For people, without a secret. */
  readonly what: string;
}

/** Keeps a consent where it is wanted, readable for its owner alone. */
export function storeConsent(
  { refreshToken, ends }: GivenConsent,
  variables: ConsentVariables,
  place: StorePlace,
): Stored {
  const { token, end } = variables;
  const dotEnv = join(dirname(place.config), '.env');
  if (place.store === 'env') {
    const line = ends === undefined ? [] : [envLine(end, ends)];
    return {
      lines: [envLine(token, refreshToken), ...line],
      what: 'The lines on standard output belong into the environment of the programs.',
    };
  }
  if (place.store === 'dotenv') {
    setEnvLines(dotEnv, { [`${token}_FILE`]: undefined, [token]: refreshToken, [end]: ends });
    return { lines: [], what: `The refresh token is kept in ${dotEnv}, as ${token}.` };
  }
  const path = resolve(place.file);
  writePrivately(path, `${refreshToken}\n`);
  setEnvLines(dotEnv, { [token]: undefined, [`${token}_FILE`]: path, [end]: ends });
  const what = `The refresh token is kept in ${path}; ${dotEnv} names it, as ${token}_FILE.`;
  return { lines: [], what };
}

function writePrivately(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600 });
    chmodSync(path, 0o600);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`${path} cannot be written (${code ?? message}). Name another --file.`, {
      cause,
    });
  }
}
