import type { ClockOrigin } from '@traffic-events/client';

/** Whether it is the machine's own time. */
export function isReal({ originMs, wallOriginMs, scale }: ClockOrigin): boolean {
  return scale === 1 && originMs === wallOriginMs;
}
