import type { ProgramDescription } from '@traffic-events/singer';

import packageJson from '../package.json' with { type: 'json' };
import { PROGRAM, settingDefinitions } from './settings.ts';

export const { version } = packageJson;

/** What the tap says of itself. */
export const description: ProgramDescription = {
  name: PROGRAM,
  description: packageJson.description,
  version,
  capabilities: ['catalog', 'discover', 'state', 'about', 'batch'],
  settings: settingDefinitions,
};
