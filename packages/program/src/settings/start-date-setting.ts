import { isEventDate } from '@traffic-events/slice';
import { z } from 'zod';

const DATE_AND_TIME = /^(\d{4}-\d{2}-\d{2})(?:T[\d:.]+(?:Z|[+-]\d{2}:\d{2})?)?$/;

/** An event date; one with a time, as Meltano writes dates, is taken by its date. */
export const startDateSetting = z.string().transform((text, context) => {
  const date = DATE_AND_TIME.exec(text)?.[1] ?? '';
  if (isEventDate(date)) return date;
  const message = 'expected a date, such as 2026-01-31';
  context.addIssue({ code: 'custom', message, input: text });
  return z.NEVER;
});
