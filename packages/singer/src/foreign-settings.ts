import { SettingsError } from './errors.ts';

/** What a setting of another program means to one that takes its place. */
export interface ForeignSetting {
  /** The setting of ours that takes its value. */
  readonly as?: string;
  /** What that value is here; undefined for none. */
  readonly convert?: (value: unknown) => unknown;
  /** Settings of ours that do not count where it is given. */
  readonly replaces?: readonly string[];
  /** Why it has no effect: it is warned of. */
  readonly ignored?: string;
  /** Why a program with it cannot run: what to do instead. */
  readonly refused?: string;
  /** Of which values `replaces`, `ignored` or `refused` is true; of those that ask for something unless given. */
  readonly concerns?: (value: unknown) => boolean;
}

export type ForeignSettings = Readonly<Record<string, ForeignSetting>>;

interface ForeignSources {
  readonly foreign: ForeignSettings;
  readonly config: Readonly<Record<string, unknown>>;
  /** The value of a setting in the environment. */
  readonly environment: (name: string) => unknown;
  readonly warn: (setting: string, reason: string) => void;
}

/**
 * A config with what settings of another program say in settings of ours. Throws `SettingsError` for
 * what cannot be had here.
 */
export function adoptForeign({ foreign, config: flat, environment, warn }: ForeignSources) {
  const config = nested(flat, foreign);
  const adopted: Record<string, unknown> = { ...config };
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(foreign)) {
    const value = environment(name) ?? config[name];
    delete adopted[name];
    if (value === undefined || value === null) continue;
    const isConcerned = (setting.concerns ?? asksForSomething)(value);
    if (setting.refused !== undefined && isConcerned) problems.push(`${name}: ${setting.refused}`);
    if (setting.ignored !== undefined && isConcerned) warn(name, setting.ignored);
    for (const replaced of isConcerned ? (setting.replaces ?? []) : []) {
      if (adopted[replaced] !== undefined) warn(replaced, `${name} is set, and stands for it.`);
      delete adopted[replaced];
    }
    if (setting.as !== undefined) take(adopted, { name, setting, value }, problems);
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return adopted;
}

/** Some write the parts of a setting as settings of their own: `ssh_tunnel.enable`. */
function nested(config: ForeignSources['config'], foreign: ForeignSettings) {
  const whole = new Map(Object.entries(config));
  for (const [name, value] of Object.entries(config)) {
    const dot = name.indexOf('.');
    const setting = name.slice(0, Math.max(dot, 0));
    if (!Object.hasOwn(foreign, setting)) continue;
    whole.delete(name);
    whole.set(setting, { ...asObject(whole.get(setting)), [name.slice(dot + 1)]: value });
  }
  // Of entries, `__proto__` is a name like any other.
  return Object.fromEntries(whole);
}

function asObject(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

interface Given {
  readonly name: string;
  readonly setting: ForeignSetting;
  readonly value: unknown;
}

function take(adopted: Record<string, unknown>, given: Given, problems: string[]): void {
  const { name, setting, value } = given;
  const own = setting.as ?? name;
  const converted = setting.convert === undefined ? value : setting.convert(value);
  if (converted === undefined) return;
  const held = adopted[own] ?? undefined;
  if (held !== undefined && textOf(held) !== textOf(converted))
    problems.push(
      `${name}: it means ${own}, which is set to something else. Leave one of them out.`,
    );
  adopted[own] = converted;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const NOTHING = new Set<unknown>([false, 0, '', 'false', 'False', '0', '{}', '[]']);

function asksForSomething(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return !NOTHING.has(value);
}
