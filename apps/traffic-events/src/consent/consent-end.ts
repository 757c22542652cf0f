import { daysBetween, eventDateAt, isEventDate } from '@traffic-events/slice';
import type { EventDate, InstantMs } from '@traffic-events/slice';
import { z } from 'zod';

/** `credentials.consent_ends`: a date, or nothing where it is not known. */
export const consentEndSetting = z
  .string()
  .transform((text, context): EventDate | undefined => {
    if (text === '') return undefined;
    if (isEventDate(text)) return text;
    const message = 'expected a date, such as 2027-01-31, or nothing';
    context.addIssue({ code: 'custom', message, input: text });
    return z.NEVER;
  })
  .optional()
  .meta({ format: 'date' })
  .describe(
    'The day on which the consent ends, as `traffic-events login` keeps it: `check` and `status` warn of it from 30 days before.',
  );

/** So many days before its end a consent is to be given again. */
export const CONSENT_NOTICE_DAYS = 30;

/** How long a consent is still good. */
export interface ConsentStanding {
  readonly ends: EventDate;
  /** 0 on the day itself; negative once it has ended. */
  readonly days_left: number;
  /** It ends within 30 days, or has ended. */
  readonly is_due: boolean;
}

/** Null where nobody has kept the day. */
export function consentStanding(
  ends: EventDate | undefined,
  nowMs: InstantMs,
): ConsentStanding | null {
  if (ends === undefined) return null;
  const daysLeft = daysBetween(eventDateAt(nowMs, 'UTC'), ends);
  return { ends, days_left: daysLeft, is_due: daysLeft <= CONSENT_NOTICE_DAYS };
}

/** For people. */
export function describeConsent({ ends, days_left: days, is_due: isDue }: ConsentStanding): string {
  if (days < 0) return `The consent ended on ${ends}. Give it again: traffic-events login`;
  const when = `The consent ends on ${ends}, in ${days} ${days === 1 ? 'day' : 'days'}.`;
  return isDue ? `${when} Give it again: traffic-events login` : when;
}
