import { accountKey } from '@traffic-events/client';
import type { Account } from '@traffic-events/client';
import type { StreamDefinition } from '@traffic-events/source';

import { ConfigError } from '../config-error.ts';
import { refuseIdle } from '../extraction/collection.ts';
import type { ExtractionSettings } from './extraction-settings.ts';
import { listedStreams, namedStreams } from './listed-streams.ts';

/** The accounts; one that is listed twice would be written by two at once. */
export function accountsOf({ accounts }: Pick<ExtractionSettings, 'accounts'>): Account[] {
  const all = accounts.map(({ account }) => account);
  const keys = all.map(accountKey);
  const repeated = keys.find((key, index) => keys.indexOf(key) !== index);
  if (repeated === undefined) return all;
  throw new ConfigError(`accounts: ${repeated} is listed more than once. Keep one of them.`);
}

/** The streams that the configuration lists; throws ConfigError where one of them has no use. */
export function streamsOf(settings: ExtractionSettings): StreamDefinition[] {
  const streams = listedStreams(settings).filter(({ isDefault }) => isDefault);
  refuseIdle(accountsOf(settings), streams, namedStreams(settings));
  return streams;
}
