import { SettingsError } from './errors.ts';
import { isExactNumber } from './exact-number.ts';
import { adoptForeign } from './foreign-settings.ts';
import type { ForeignSettings } from './foreign-settings.ts';
import { nearestName } from './nearest-name.ts';
import { ownValue } from './own-value.ts';
import { parseJson } from './parse-json.ts';

/** What a setting holds. `date` is `YYYY-MM-DD` or ISO 8601; `array` and `object` may be JSON text. */
export type SettingKind = 'string' | 'integer' | 'number' | 'boolean' | 'date' | 'array' | 'object';

export interface Setting {
  readonly kind: SettingKind;
  readonly description: string;
  readonly required?: boolean;
  /** Never shown in `--about`, errors or logs. */
  readonly secret?: boolean;
  readonly default?: unknown;
  readonly allowed?: readonly string[];
  /** Right values, where the kind alone does not tell one. */
  readonly examples?: readonly unknown[];
}

export type SettingDefinitions = Readonly<Record<string, Setting>>;

interface KindValues {
  string: string;
  integer: number;
  number: number;
  boolean: boolean;
  date: string;
  array: readonly unknown[];
  object: Readonly<Record<string, unknown>>;
}

type IsPresent<S extends Setting> = S extends { required: true }
  ? true
  : S extends { default: string | number | boolean | object }
    ? true
    : false;

/** The values of settings: present where they are required or have a default. */
export type SettingValues<D extends SettingDefinitions> = {
  readonly [N in keyof D]: IsPresent<D[N]> extends true
    ? KindValues[D[N]['kind']]
    : KindValues[D[N]['kind']] | undefined;
};

interface SettingSources {
  /** Name of the program, e.g. `target-postgres`: its settings are TARGET_POSTGRES_… in `env`. */
  readonly program: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** Where the config comes from, for errors. */
  readonly source?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Settings of other programs, whose configs are taken as well. */
  readonly foreign?: ForeignSettings;
  /** Told of what is given and has no effect. */
  readonly warn?: (setting: string, reason: string) => void;
}

/** `host` of `target-postgres` is TARGET_POSTGRES_HOST, as Meltano names it. */
export function environmentName(program: string, setting: string): string {
  return `${program}_${setting}`.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase();
}

/**
 * Settings from a config and the environment (which wins, as in Meltano's SDK). Numbers, booleans,
 * lists and objects may stand as text. Throws one `SettingsError` that lists every problem.
 */
export function readSettings<const D extends SettingDefinitions>(
  definitions: D,
  given: SettingSources,
): SettingValues<D> {
  const sources = withForeign(given);
  const problems = unknownKeys(definitions, sources);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries(definitions)) {
    const found = lookUp(name, sources);
    if (found === undefined) {
      if (setting.required === true) problems.push(missing(name, setting, sources));
      values[name] = setting.default;
      continue;
    }
    const value = coerceSetting(found.value, setting);
    if (value !== undefined) values[name] = value;
    else {
      const got = show(found.value, setting);
      problems.push(`${found.where}: expected ${expectation(setting)}, got ${got}.`);
    }
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return values as SettingValues<D>;
}

function withForeign(sources: SettingSources): SettingSources {
  const { foreign, config, warn = () => {} } = sources;
  if (foreign === undefined) return sources;
  const environment = (name: string) => fromEnvironment(name, sources);
  return { ...sources, config: adoptForeign({ foreign, config, environment, warn }) };
}

function fromEnvironment(name: string, { program, env }: SettingSources): string | undefined {
  return env?.[environmentName(program, name)] || undefined;
}

function lookUp(name: string, sources: SettingSources) {
  const inEnvironment = fromEnvironment(name, sources);
  if (inEnvironment !== undefined) {
    return { value: inEnvironment, where: environmentName(sources.program, name) };
  }
  const value = ownValue(sources.config, name);
  return value === undefined || value === null ? undefined : { value, where: name };
}

function unknownKeys(definitions: SettingDefinitions, sources: SettingSources): string[] {
  const known = Object.keys(definitions);
  return Object.keys(sources.config)
    .filter((key) => !known.includes(key))
    .map((key) => {
      const nearest = nearestName(key, [...known, ...Object.keys(sources.foreign ?? {})]);
      const meant = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
      return `${key}: not a setting of ${sources.program}.${meant} Known: ${known.join(', ')}.`;
    });
}

function missing(name: string, setting: Setting, sources: SettingSources): string {
  const variable = environmentName(sources.program, name);
  return `${name}: expected ${expectation(setting)}, but it is missing. Set it in ${sources.source ?? 'the config'} or as ${variable}. ${setting.description}`;
}

/** The value as its setting has it, also where it stands as text; undefined where it is none. */
export function coerceSetting(value: unknown, setting: Setting): unknown {
  const coerced = coercions[setting.kind](value);
  const isAllowed = setting.allowed === undefined || setting.allowed.includes(String(coerced));
  return isAllowed ? coerced : undefined;
}

function expectation(setting: Setting): string {
  if (setting.allowed !== undefined) return `one of ${setting.allowed.join(', ')}`;
  return EXPECTED[setting.kind];
}

const EXPECTED: Readonly<Record<SettingKind, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  date: 'a date such as 2026-01-31',
  array: 'a list',
  object: 'an object',
};

/** Each gives undefined for a value that it does not understand. */
const coercions: Readonly<Record<SettingKind, (value: unknown) => unknown>> = {
  string: (value) => {
    if (isExactNumber(value)) return value.rawJSON;
    return ['string', 'number'].includes(typeof value) ? String(value) : undefined;
  },
  integer: (value) => {
    const number = toNumber(value);
    return Number.isSafeInteger(number) ? number : undefined;
  },
  number: toNumber,
  boolean: toBoolean,
  date: (value) =>
    typeof value === 'string' &&
    /^\d{4}-\d{2}-\d{2}/.test(value) &&
    !Number.isNaN(Date.parse(value))
      ? value
      : undefined,
  array: (value) => {
    const list = fromJsonText(value);
    return Array.isArray(list) ? list : undefined;
  },
  object: (value) => {
    const object = fromJsonText(value);
    return typeof object === 'object' && object !== null && !Array.isArray(object)
      ? object
      : undefined;
  },
};

function toNumber(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function toBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = String(value).toLowerCase();
  if (['true', '1', 'yes', 'on', 't'].includes(text)) return true;
  if (['false', '0', 'no', 'off', 'f'].includes(text)) return false;
  return undefined;
}

function fromJsonText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return parseJson(value);
  } catch {
    return undefined;
  }
}

function show(value: unknown, setting: Setting): string {
  if (setting.secret === true) return 'something else (not shown: it is secret)';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
