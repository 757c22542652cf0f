import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { environmentName } from '@traffic-events/singer';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { aboutOf } from './about-settings.ts';
import type { AboutSetting } from './about-settings.ts';

const ROOT = resolve(import.meta.dirname, '../..');

interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
}

const INTRODUCTION = `# Configuration

Every setting of every program, as the programs themselves describe them: this page is written by a test
(\`vitest run -u\`). \`traffic-events init\` writes a commented file to begin with.

Programs read \`.env\` of the working folder; the environment wins over it. In \`traffic-events.yaml\`, \`\${NAME}\` stands for
the environment variable NAME. The Singer programs take a JSON file by \`--config\`, and each setting from the environment as
well, which wins. Proxies and certificates: see [operations.md](operations.md#behind-a-proxy).
`;

const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;

const tableOf = (rows: readonly (readonly string[])[]) =>
  [
    row(['setting', 'kind', 'default', 'meaning']),
    '| --- | --- | --- | --- |',
    ...rows.map(row),
  ].join('\n');

function kindOf(type: string | undefined, allowed: readonly string[] | undefined): string {
  if (allowed !== undefined && allowed.length < 10)
    return allowed.map((each) => `\`${each}\``).join(', ');
  return type ?? 'text or whole number';
}

function defaultOf(value: unknown, isRequired: boolean): string {
  if (isRequired) return 'required';
  return value === undefined ? '' : `\`${JSON.stringify(value)}\``;
}

/** Rows of an object of the YAML, with those of its objects and lists indented by their key. */
function yamlRows({ properties = {}, required = [] }: JsonSchema, at = ''): string[][] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const key = `${at}${name}`;
    const { type, description = '', enum: allowed, items } = schema;
    const own = [
      `\`${key}\``,
      kindOf(type, allowed),
      defaultOf(schema.default, required.includes(name)),
      description,
    ];
    const nested =
      schema.properties !== undefined
        ? yamlRows(schema, `${key}.`)
        : items?.properties === undefined
          ? []
          : yamlRows(items, `${key}[].`);
    return [own, ...nested];
  });
}

function aboutRows(
  program: string,
  settings: Readonly<Record<string, AboutSetting>>,
  required: readonly string[],
): string[][] {
  return Object.entries(settings).map(
    ([name, { type, enum: allowed, default: given, description }]) => [
      `\`${name}\`<br>\`${environmentName(program, name)}\``,
      kindOf(type[0], allowed),
      defaultOf(given, required.includes(name)),
      description,
    ],
  );
}

test('docs/configuration.md has every setting as the programs describe it', async () => {
  const path = resolve(ROOT, 'apps/traffic-events/traffic-events.schema.json');
  const yaml = JSON.parse(readFileSync(path, 'utf8')) as JsonSchema;
  const sections = [INTRODUCTION, `## traffic-events.yaml\n\n${tableOf(yamlRows(yaml))}\n`];
  for (const program of ['tap-traffic-events', 'target-postgres', 'target-bigquery']) {
    const { properties, required } = await aboutOf(program);
    sections.push(`## ${program}\n\n${tableOf(aboutRows(program, properties, required))}\n`);
  }
  await expect(sections.join('\n')).toMatchFileSnapshot('../../docs/configuration.md');
});

/** Kinds that Meltano calls otherwise than JSON Schema. */
const MELTANO_KINDS: Readonly<Record<string, string>> = { date: 'date_iso8601', number: 'decimal' };

/** As Meltano names what `--about` describes. */
function meltanoSetting([name, about]: readonly [string, AboutSetting]): object {
  const type = about.format === 'date' ? 'date' : (about.type[0] ?? 'string');
  const kind = MELTANO_KINDS[type] ?? type;
  const isText = kind === 'string';
  return {
    name,
    ...(about.enum === undefined ? (isText ? {} : { kind }) : { kind: 'options' }),
    ...(about.enum === undefined ? {} : { options: about.enum.map((value) => ({ value })) }),
    ...(about.secret === true ? { sensitive: true } : {}),
  };
}

test.each([
  ['meltano', 'tap-traffic-events'],
  ['meltano-target', 'target-postgres'],
])('the settings of examples/%s are those of %s', async (project, program) => {
  const path = `examples/${project}/meltano.yml`;
  const text = readFileSync(resolve(ROOT, path), 'utf8');
  expect(() => parse(text)).not.toThrow();
  const { properties } = await aboutOf(program);
  const settings = stringify(Object.entries(properties).map(meltanoSetting), { indent: 2 });
  const begin = text.indexOf('      settings:\n', text.indexOf(`    - name: ${program}\n`));
  const end = text.indexOf('      config:\n', begin);
  const indented = settings.replaceAll(/^(?=.)/gm, '        ');
  const expected = `${text.slice(0, begin)}      settings:\n${indented}${text.slice(end)}`;
  await expect(expected).toMatchFileSnapshot(`../../${path}`);
});
