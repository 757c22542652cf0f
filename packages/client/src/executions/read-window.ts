import type { ExecutionWindow } from '../execution.ts';
import type { ApiAnswer } from '../http/api-request.ts';
import { asObject } from '../text/json.ts';
import type { JsonObject } from '../text/json.ts';
import { parseInstant } from './instant.ts';

/** Of the name of a zone. */
const MAX_WORD_LENGTH = 64;
const UTC = /^(?:etc\/)?(?:utc|gmt)$|^z$/i;

/** The window that an execution says it has, nested or flat; null where it says nothing of it. */
export function readWindow(
  execution: JsonObject,
  clean: ApiAnswer['clean'],
): ExecutionWindow | null {
  const given = execution['timeWindow'];
  const nested = asObject(given);
  const said = (name: string) => {
    const flat = `timeWindow${name}`;
    return firstOf(nested?.[lowerFirst(name)], nested?.[flat], execution[flat]);
  };
  const zone = said('TimeZoneOriginal') ?? firstOf(nested?.['timezone'], said('TimeZone'));
  const isUtc = zone === undefined || (typeof zone === 'string' && UTC.test(zone));
  const [start, end] = ['Start', 'End'].map((bound) =>
    readBound(said(bound), said(`${bound}Original`), isUtc),
  );
  const type = said('Type');
  const isOther =
    type !== undefined && !(typeof type === 'string' && type.toUpperCase() === 'EXPLICIT');
  const isNamed = start !== undefined || end !== undefined;
  const isStrange = given != null && nested === undefined;
  if (!isNamed && !isOther && !isStrange) return null;
  return {
    startMs: start ?? null,
    endMs: end ?? null,
    timeZone: typeof zone === 'string' ? clean(zone, MAX_WORD_LENGTH) : null,
    isClear: isNamed && start !== null && end !== null,
  };
}

/** Undefined where nothing is said of it, null where what is said cannot be read. */
function readBound(instant: unknown, local: unknown, isUtc: boolean): number | null | undefined {
  if (instant !== undefined) return parseInstant(instant);
  if (local === undefined) return undefined;
  return isUtc ? parseInstant(local) : null;
}

function firstOf(...values: readonly unknown[]): unknown {
  return values.find((value) => value !== undefined && value !== null);
}

function lowerFirst(name: string): string {
  return `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
}
