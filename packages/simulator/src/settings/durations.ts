import { z } from 'zod';

/** Ten years. Instants beyond what a date can hold would fail every later answer, not this setting. */
const LONGEST_SECONDS = 315_360_000;

/** A time on the simulated clock, in whole seconds. */
export const secondsSchema = z.number().int().nonnegative().max(LONGEST_SECONDS);

/** A time on the simulated clock, in milliseconds. */
export const millisecondsSchema = z
  .number()
  .nonnegative()
  .max(LONGEST_SECONDS * 1000);
