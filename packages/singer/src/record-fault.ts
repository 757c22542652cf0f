import { BareNumber } from './bare-number.ts';
import { MAX_ITEMS, MAX_LEVELS } from './limits.ts';

/** Why a record cannot be loaded, whatever its schema says. */
export interface RecordFault {
  /** The property at fault, if it is one. */
  readonly property: string | undefined;
  readonly problem: string;
  /** The line as it came: JSON may not be able to say what it holds. */
  readonly line: string;
}

/** How the line of a record came. */
export interface LineFlaws {
  readonly text: string;
  readonly hasBareNumbers: boolean;
  readonly hasBadBytes: boolean;
}

type Values = Readonly<Record<string, unknown>>;
type ProblemOf = (value: unknown) => string | undefined;

/** In shorter texts there is no room for so many levels, nor for so many items. */
const MIN_CHARACTERS = 2 * MAX_LEVELS;

/** What is wrong with a record, by how its line came. */
export function faultOf(
  record: Values,
  { text, hasBareNumbers, hasBadBytes }: LineFlaws,
): RecordFault | undefined {
  const found =
    (text.length < MIN_CHARACTERS ? undefined : firstFault(record, tooLarge)) ??
    (hasBareNumbers ? firstFault(record, bareNumberProblem) : undefined) ??
    (hasBadBytes ? encodingFault(record) : undefined);
  return found && { ...found, line: text };
}

/** What is too large in a message of another kind; `where: problem`. */
export function sizeProblem(fields: Values, text: string): string | undefined {
  const fault = text.length < MIN_CHARACTERS ? undefined : firstFault(fields, tooLarge);
  return fault && `${fault.property}: ${fault.problem}`;
}

/** A line has its bytes anywhere: where a replaced one stands may have been one. */
function encodingFault(record: Values): Omit<RecordFault, 'line'> {
  const problem = 'holds bytes that are no UTF-8. Have the tap write UTF-8.';
  const problemOf = (value: unknown) =>
    JSON.stringify(value).includes('\ufffd') ? problem : undefined;
  return firstFault(record, problemOf) ?? { property: undefined, problem };
}

function bareNumberProblem(value: unknown): string | undefined {
  const token = bareNumberIn(value);
  return (
    token &&
    `is ${token}, which is no number of JSON. Have the tap write null, or a text, in its place.`
  );
}

function firstFault(record: Values, problemOf: ProblemOf): Omit<RecordFault, 'line'> | undefined {
  for (const [property, value] of Object.entries(record)) {
    const problem = problemOf(value);
    if (problem !== undefined) return { property, problem };
  }
  return undefined;
}

function tooLarge(value: unknown, levels = MAX_LEVELS): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (levels === 0) return `is nested deeper than ${MAX_LEVELS} levels, which is the limit.`;
  if (Array.isArray(value) && value.length > MAX_ITEMS) {
    return `has a list of ${value.length} items, of which ${MAX_ITEMS} are the limit.`;
  }
  for (const item of Object.values(value)) {
    const problem = tooLarge(item, levels - 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function bareNumberIn(value: unknown): string | undefined {
  if (value instanceof BareNumber) return value.token;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const item of Object.values(value)) {
    const token = bareNumberIn(item);
    if (token !== undefined) return token;
  }
  return undefined;
}
