import type { StreamDefinition } from '../stream.ts';
import { dailyStream } from './data-source-streams.ts';

/** The streams that an account gets unless it is told otherwise, by kind of account. */
export const defaultStreams: readonly StreamDefinition[] = [
  dailyStream('dsp_impressions', 'joined'),
  dailyStream('dsp_clicks', 'joined'),
  dailyStream('sponsored_ads_traffic', 'joined'),
];
