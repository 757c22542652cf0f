import { EXIT } from '@traffic-events/program';
import { BUNDLE_PROOFS } from '@traffic-events/slice';
import { z } from 'zod';
import { DATE_STANDINGS } from './calendar.ts';

const eventDate = z.string().meta({ format: 'date' });
const instant = z.string().meta({ format: 'date-time' });
const count = z.int().nonnegative();
const share = z.number().min(0).max(1);
const accountId = z.string().describe('Key of the account, such as DE:dsp:1234.');
const exitCode = z.literal(Object.values(EXIT));
const jobSum = { jobs: count, bytes_billed: count };

const retry = z.strictObject({
  event_date: eventDate,
  attempts: count.describe('Failures in a row.'),
  next_try: instant.describe('Not tried again before.'),
  waits_for: z.enum(['failure', 'overlap']),
  reason: z.string().nullable().describe('What the service, or the reading of its result, said.'),
});

const span = z.strictObject({ from: eventDate, to: eventDate, standing: z.enum(DATE_STANDINGS) });

const stream = z.strictObject({
  stream: z.string(),
  account_id: accountId,
  is_collected: z.boolean().describe('Whether the configuration still lists it.'),
  since: eventDate.describe('First date that is wanted.'),
  bookmark: eventDate.nullable().describe('Every date from since to it is closed.'),
  open_dates: z
    .array(eventDate)
    .describe('Dates up to yesterday of which a better copy can still be had, or none is there.'),
  missed_dates: z.array(eventDate).describe('Dates that closed without any copy.'),
  newly_missed_dates: z.array(eventDate).describe('Those that the last run has given up.'),
  at_risk: z
    .array(
      z.strictObject({
        event_date: eventDate,
        lost_at: instant.describe('From then on no whole copy can be had.'),
        hours_left: count.describe('0 where it has begun to expire.'),
      }),
    )
    .describe('Open dates without a whole copy, and with less than 48 hours to make one.'),
  calendar: z
    .array(span)
    .describe(
      "Both ends included, earliest first, up to yesterday of the account's clock; dates in none were never asked for. whole: settled. provisional: a whole copy is held, a better one may come. open: still to come. at_risk: open, and less than 48 hours remain. frozen: closed on a copy that had not settled. partial: closed on a part. missed: closed on nothing.",
    ),
  newest_whole_date: eventDate.nullable(),
  next_loss_at: instant
    .nullable()
    .describe(
      'When the first open date without a whole copy begins to expire; null: all have one.',
    ),
  last_success: instant.nullable().describe('When a result was entered last.'),
  suppressed_share: share
    .nullable()
    .describe('Mean share of the first main metric that is withheld, of the newest 28 results.'),
  retries: z.array(retry),
  in_flight: count.describe('Executions whose result has not been loaded.'),
  bundle: z
    .strictObject({
      proof: z.enum(BUNDLE_PROOFS),
      since: instant,
      event_date: eventDate.nullable().describe('The date that was compared.'),
      reason: z.string().nullable(),
    })
    .nullable()
    .describe(
      'What the account has shown of queries for several tables. good, open, equal: it is asked for in them; refused: they gave less; empty: there was nothing to compare; overlap: too many ran over the same data. null: never asked for in one.',
    ),
  last_run: z.strictObject({ id: z.string(), saved_at: instant }),
});

/** What `status --json` prints: keys are only ever added. */
export const statusSchema = z.strictObject({
  as_of: instant.describe('When it was, by the clock of the program.'),
  streams: z.array(stream).describe('Every stream of every account that has been loaded.'),
  not_started: z
    .array(z.strictObject({ stream: z.string(), account_id: accountId }))
    .describe('Listed by the configuration, and never loaded.'),
  not_collected: z.array(
    z.strictObject({
      account_id: accountId,
      data_sources: z.array(z.string()).describe('Tables and reports that no stream reads.'),
      no_longer: z.array(z.string()).describe('Streams that are held and no longer listed.'),
    }),
  ),
  consent: z
    .strictObject({ ends: eventDate, days_left: z.int(), is_due: z.boolean() })
    .nullable()
    .describe('When the consent ends; null where nobody has kept the day.'),
  check: z
    .strictObject({
      exit_code: exitCode.describe('What --check ends with.'),
      findings: z.array(
        z.strictObject({
          exit_code: exitCode,
          account_id: accountId,
          stream: z.string(),
          text: z.string(),
        }),
      ),
    })
    .describe('Of the streams that are collected.'),
  costs: z
    .strictObject({
      since: instant,
      runs: count,
      ...jobSum,
      kinds: z.record(z.string(), z.strictObject(jobSum)),
      last_run: z.strictObject({
        id: z.string(),
        started_at: instant,
        ended_at: instant,
        ...jobSum,
      }),
    })
    .optional()
    .describe('What loading has cost, of warehouses that bill it.'),
});

/** As other programs read it; they take keys that are yet to come. */
export function statusJsonSchema(): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(statusSchema, {
    override: ({ jsonSchema }) => {
      delete jsonSchema.additionalProperties;
    },
  });
}
