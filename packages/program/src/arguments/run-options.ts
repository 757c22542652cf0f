import type { AcceptOptions, RunSyncOptions } from '@traffic-events/source';
import { Option } from 'commander';

import { collect } from './collect.ts';
import { parseDurationMs } from './duration.ts';

/** What a run may be told on the command line, alike in every program that extracts. */
export interface RunArguments {
  readonly maxDuration?: number;
  readonly maxOutage?: number;
  readonly acceptDefinition?: readonly string[];
  readonly reextract?: boolean;
}

export const maxDurationOption = () =>
  new Option(
    '--max-duration <time>',
    'create nothing more after this time, such as 90m or 1.5h, and end once what is at risk is safe',
  ).argParser(parseDurationMs);

export const maxOutageOption = () =>
  new Option(
    '--max-outage <time>',
    'wait this long for an API that does not answer, such as 2h; max_outage, then 5m, unless set',
  ).argParser(parseDurationMs);

export const acceptDefinitionOption = () =>
  new Option('--accept-definition <stream>', 'accept its changed definition; repeatable').argParser(
    collect,
  );

export const reextractOption = () =>
  new Option('--reextract', 'of what is accepted, extract again what the API still has').default(
    false,
  );

type RunLimits = Pick<RunSyncOptions, 'accept' | 'maxDurationMs'>;

export function runLimits(args: RunArguments): RunLimits {
  const { maxDuration, acceptDefinition: streams = [], reextract } = args;
  const acceptance: AcceptOptions['acceptance'] =
    reextract === true ? 'reextract' : 'from_next_date';
  return {
    ...(maxDuration === undefined ? {} : { maxDurationMs: maxDuration }),
    ...(streams.length === 0 ? {} : { accept: { streams, acceptance } }),
  };
}
