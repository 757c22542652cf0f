import { aboutJson, aboutMarkdown, aboutText } from '@traffic-events/singer';

import packageJson from '../package.json' with { type: 'json' };
import type { TapArguments } from './arguments.ts';
import { PROGRAM, settingDefinitions } from './settings.ts';

export const { version } = packageJson;

/** What `--about` prints. */
export function about(format: TapArguments['format']): string {
  const program = {
    name: PROGRAM,
    description: packageJson.description,
    version,
    capabilities: ['catalog', 'discover', 'state', 'about', 'batch'],
    settings: settingDefinitions,
  };
  if (format === 'markdown') return aboutMarkdown(program);
  return format === 'json'
    ? `${JSON.stringify(aboutJson(program), null, 2)}\n`
    : aboutText(program);
}
