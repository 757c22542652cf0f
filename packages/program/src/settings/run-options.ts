import { LocalArchive } from '@traffic-events/source';
import type { RunSyncOptions } from '@traffic-events/source';

import type { ExtractionSettings } from './extraction-settings.ts';

type SettingOptions = Pick<
  RunSyncOptions,
  'archive' | 'bundle' | 'maxExecutionsPerDay' | 'slots' | 'startDate'
>;

/** What the settings say of a run; the command line may say more. */
export function runOptionsOf(
  settings: Omit<ExtractionSettings, 'accounts' | 'streams'>,
): SettingOptions {
  const { archive, max_executions_per_day: perDay } = settings;
  return {
    startDate: settings.start_date,
    bundle: settings.bundle,
    slots: settings.max_active_executions,
    ...(archive === undefined ? {} : { archive: new LocalArchive({ folder: archive }) }),
    ...(perDay === undefined ? {} : { maxExecutionsPerDay: perDay }),
  };
}
