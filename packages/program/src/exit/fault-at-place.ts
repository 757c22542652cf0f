import { ConfigError } from '../config-error.ts';
import { EXIT } from './exit-code.ts';
import { exitCodeOfError } from './exit-code-of-error.ts';

/** The file or environment variable that a setting stands in; undefined for what is no setting. */
export type PlaceOf = (setting: string) => string | undefined;

/**
 * A fault of the configuration with the place of each setting that it names: its lines begin with the
 * setting's name, whichever package found it. Every other error is as it was.
 */
export function faultAtPlace(error: unknown, placeOf: PlaceOf): unknown {
  if (!(error instanceof Error) || exitCodeOfError(error) !== EXIT.configuration) return error;
  const placed = error.message
    .split('\n')
    .map((line) => withPlace(line, placeOf))
    .join('\n');
  return placed === error.message ? error : new ConfigError(placed, { cause: error });
}

function withPlace(line: string, placeOf: PlaceOf): string {
  const [name] = /^\w+(?=[[.: ])/.exec(line) ?? [];
  const place = name === undefined ? undefined : placeOf(name);
  return place === undefined ? line : `${place}: ${line}`;
}
