import { environmentName } from './settings.ts';
import type { SettingDefinitions } from './settings.ts';

/** What a program is: for `--about`. */
export interface ProgramDescription {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly capabilities: readonly string[];
  readonly settings: SettingDefinitions;
}

/** `--about --format=json`, laid out as Meltano's SDK prints it. */
export function aboutJson(program: ProgramDescription): Record<string, unknown> {
  return {
    name: program.name,
    description: program.description,
    version: program.version,
    capabilities: program.capabilities,
    settings: {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(program.settings).map(([name, setting]) => [
          name,
          {
            type: [jsonType(setting.kind), ...(setting.required === true ? [] : ['null'])],
            ...(setting.kind === 'date' ? { format: 'date' } : {}),
            ...(setting.default === undefined ? {} : { default: setting.default }),
            ...(setting.allowed === undefined ? {} : { enum: setting.allowed }),
            ...(setting.secret === true ? { secret: true, writeOnly: true } : {}),
            description: setting.description,
          },
        ]),
      ),
      required: Object.entries(program.settings)
        .filter(([, setting]) => setting.required === true)
        .map(([name]) => name),
    },
  };
}

/** `--about` for people. */
export function aboutText(program: ProgramDescription): string {
  const settings = Object.entries(program.settings).flatMap(([name, setting]) => [
    `  ${name} (${setting.kind}${setting.required === true ? ', required' : ''}${defaultText(setting.default)})`,
    `      ${setting.description}`,
    `      ${environmentName(program.name, name)}`,
  ]);
  return [
    `${program.name} ${program.version}`,
    program.description,
    '',
    `Capabilities: ${program.capabilities.join(', ')}`,
    '',
    'Settings (in --config, or as environment variables):',
    ...settings,
    '',
  ].join('\n');
}

/** `--about --format=markdown`, for a page of documentation. */
export function aboutMarkdown(program: ProgramDescription): string {
  const rows = Object.entries(program.settings).map(([name, setting]) => {
    const required = setting.required === true ? 'yes' : '';
    const fallback = setting.default === undefined ? '' : `\`${JSON.stringify(setting.default)}\``;
    return `| \`${name}\` | ${setting.kind} | ${required} | ${fallback} | ${setting.description.replaceAll('|', '\\|')} |`;
  });
  return [
    `# ${program.name}`,
    '',
    program.description,
    '',
    `Version ${program.version}. Capabilities: ${program.capabilities.join(', ')}.`,
    '',
    '| setting | kind | required | default | description |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

function defaultText(value: unknown): string {
  return value === undefined ? '' : `, default ${JSON.stringify(value)}`;
}

function jsonType(kind: string): string {
  return kind === 'date' ? 'string' : kind;
}
