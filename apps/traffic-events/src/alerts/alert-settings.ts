import { strictSettings } from '@traffic-events/source';
import { z } from 'zod';
import { ALERT_KINDS } from './alert.ts';
import { PLACEHOLDERS, unknownPlaceholder } from './alert-body.ts';

const webhook = strictSettings({
  url: z
    .url({ protocol: /^https?$/, error: 'expected a URL, such as https://hooks.example.com/…' })
    .meta({ secret: true, examples: ['https://hooks.example.com/services/T0'] })
    .describe('Where it is sent by POST.'),
  events: z
    .array(z.enum(ALERT_KINDS))
    .min(1, 'expected at least one event')
    .optional()
    .describe('What it is told of; everything unless set.'),
  secret: z
    .string()
    .min(16, 'expected at least 16 characters')
    .optional()
    .meta({ secret: true, examples: ['0123456789abcdef'] })
    .describe('Signs each request: HMAC-SHA256 in the header Traffic-Events-Signature.'),
  body: z
    .record(z.string(), z.unknown())
    .superRefine((body, context) => {
      const unknown = unknownPlaceholder(body);
      if (unknown === undefined) return;
      const message = `expected {{${PLACEHOLDERS.join('}}, {{')}}} as placeholders, got {{${unknown}}}`;
      context.addIssue({ code: 'custom', message });
    })
    .optional()
    .meta({ examples: [{ text: '{{text}}' }] })
    .describe('What is sent, as JSON; {{text}} and the like stand for what there is to tell.'),
});

/** A webhook, checked. */
export type Webhook = z.output<typeof webhook>;

/** `alerts` of the configuration. */
export const alertsSetting = z
  .array(webhook)
  .optional()
  .describe(
    'Webhooks that are told of lost dates (missed), dates at risk (at_risk), slices that failed twice (failed_twice), accounts that no run has come to for a day (down), and a consent that ends within 30 days (consent_ends).',
  );
