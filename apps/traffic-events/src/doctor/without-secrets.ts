import { z } from 'zod';
import { configSchema } from '../config.ts';
import type { Config } from '../config.ts';

const HIDDEN = '[secret]';

interface SecretSchema {
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, SecretSchema>>;
  readonly items?: SecretSchema;
}

const schema = z.toJSONSchema(configSchema, {
  io: 'input',
  unrepresentable: 'any',
}) as SecretSchema;

/** The settings without the values of those that are secret. */
export function settingsWithoutSecrets(config: Config): unknown {
  return hidden(config, schema);
}

function hidden(value: unknown, { secret, properties = {}, items }: SecretSchema): unknown {
  if (secret === true) return HIDDEN;
  if (Array.isArray(value)) return value.map((item) => hidden(item, items ?? {}));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      // A body of one's own may hold a key of the receiver.
      key === 'body' ? HIDDEN : hidden(item, properties[key] ?? {}),
    ]),
  );
}

/** Takes every secret of the settings out of a text, in whatever message it may have got there. */
export function textWithoutSecrets(text: string, config: Config): string {
  const secrets = [...secretsOf(config, schema)].flatMap((secret) => [secret, ...partsOf(secret)]);
  return secrets
    .filter((secret) => secret.length >= SHORTEST)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(escaped(secret), HIDDEN), text);
}

/** Shorter ones would take words out of everything. */
const SHORTEST = 6;

function* secretsOf(
  value: unknown,
  { secret, properties = {}, items }: SecretSchema,
): Generator<string> {
  if (typeof value === 'string' && secret === true) yield value;
  if (Array.isArray(value)) for (const item of value) yield* secretsOf(item, items ?? {});
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) yield* secretsOf(item, properties[key] ?? {});
  }
}

/** Of a URL its password and its path, which is what a webhook has for one. */
function partsOf(secret: string): string[] {
  if (!URL.canParse(secret)) return [];
  const { password, pathname, protocol } = new URL(secret);
  const path = /^https?:$/.test(protocol) && pathname.length > 1 ? [pathname] : [];
  return [password, decodeURIComponent(password), ...path];
}

/** As it stands in JSON. */
function escaped(secret: string): string {
  return JSON.stringify(secret).slice(1, -1);
}
