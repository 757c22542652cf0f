import { z } from 'zod';
import { millisecondsSchema, secondsSchema } from '../settings/durations.ts';

/** Operations of the API that a fault can strike. */
export const OPERATIONS = [
  'token',
  'create',
  'get',
  'list',
  'cancel',
  'download_urls',
  'download',
  'metadata',
] as const;

export type Operation = (typeof OPERATIONS)[number];

/** In the words of the API, of its gateway, or as a page. */
const errorShape = z.enum(['code_details', 'message', 'html']).default('code_details');
const gatewayStatus = z.union([z.literal(500), z.literal(502), z.literal(503), z.literal(504)]);

/** What goes wrong with one request. Times are on the simulated clock. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** 429; Retry-After in seconds, as a date, or not at all. */
  z.strictObject({
    kind: z.literal('rate_limited'),
    retryAfter: z.enum(['seconds', 'date', 'none']).default('seconds'),
    retryAfterSeconds: secondsSchema.default(1),
    shape: errorShape,
  }),
  /** A status of 5xx, in the words of the API or of the gateway before it. */
  z.strictObject({
    kind: z.literal('server_error'),
    status: gatewayStatus.default(500),
    shape: errorShape,
  }),
  /** 401 although the token is good. */
  z.strictObject({ kind: z.literal('unauthorized') }),
  /** The user has no access to the account, as though it had been taken away. */
  z.strictObject({
    kind: z.literal('no_access'),
    status: z.union([z.literal(403), z.literal(401)]).default(403),
  }),
  /** Somebody between the caller and the API answers with a page. */
  z.strictObject({
    kind: z.literal('foreign_page'),
    status: z.number().int().min(200).max(599).default(403),
  }),
  /** The store behind a signed URL that has not expired refuses it. */
  z.strictObject({
    kind: z.literal('url_refused'),
    status: z.union([z.literal(403), z.literal(400)]).default(403),
  }),
  /** The store answers 307; without a location, to the same address again. */
  z.strictObject({ kind: z.literal('redirected'), location: z.string().optional() }),
  /** The list of download URLs has no entries. */
  z.strictObject({ kind: z.literal('no_urls') }),
  /** The list of download URLs has these entries, again and again up to `count` of them. */
  z.strictObject({
    kind: z.literal('wrong_urls'),
    entries: z
      .array(z.unknown())
      .min(1)
      .default(['not a url'])
      .meta({ examples: [['not a url', 7, null]] }),
    count: z.number().int().positive().optional(),
  }),
  /** The connection breaks before anything is done. */
  z.strictObject({ kind: z.literal('connection_reset') }),
  /** The request is carried out, and the connection breaks before the answer. */
  z.strictObject({ kind: z.literal('answer_lost') }),
  /** The request waits before it is carried out. */
  z.strictObject({ kind: z.literal('delayed'), delayMs: millisecondsSchema }),
  /** The request is carried out, and the answer waits. */
  z.strictObject({ kind: z.literal('answer_delayed'), delayMs: millisecondsSchema }),
  /** The announced length is not reached: the connection breaks after this share of the bytes. */
  z.strictObject({ kind: z.literal('truncated'), share: z.number().min(0).max(1).default(0.5) }),
  /** A share of the bytes is delivered as though it were the whole. */
  z.strictObject({ kind: z.literal('shortened'), share: z.number().min(0).max(1).default(0.5) }),
  /** The bytes begin anew whenever they have come to their end. */
  z.strictObject({ kind: z.literal('endless') }),
  /** The bytes trickle. */
  z.strictObject({
    kind: z.literal('slow_bytes'),
    chunkBytes: z.number().int().positive().default(256),
    delayMs: millisecondsSchema.default(100),
  }),
  /** The answer is no JSON. */
  z.strictObject({ kind: z.literal('malformed') }),
  /** The execution ends FAILED. */
  z.strictObject({
    kind: z.literal('execution_fails'),
    reason: z.string().default('Internal error while running the query'),
  }),
  /** The execution ends REJECTED. */
  z.strictObject({
    kind: z.literal('execution_rejected'),
    reason: z.string().default('The query was refused by the privacy checks'),
  }),
  /** The execution ends CANCELLED, by a hand other than the caller's. */
  z.strictObject({ kind: z.literal('execution_cancelled') }),
  /** The execution stays RUNNING. */
  z.strictObject({ kind: z.literal('execution_never_ends') }),
  /** Requests about the execution are refused, the first `times` of them, though none of others are. */
  z.strictObject({
    kind: z.literal('execution_denied'),
    status: z.union([z.literal(401), z.literal(403)]).default(401),
    times: z.number().int().positive().nullable().default(null),
  }),
  /** The execution shows a status that nobody knows while it runs. */
  z.strictObject({
    kind: z.literal('execution_unknown_status'),
    status: z.string().default('WAITING_FOR_CAPACITY'),
  }),
]);

export type Fault = z.output<typeof faultSchema>;
export type ErrorShape = z.output<typeof errorShape>;

function strikesOnly(operation: Operation | readonly Operation[], only: Operation): boolean {
  return [operation].flat().every((each) => each === only);
}

/** One fault and the requests that it strikes, counted per operation and account from 1. */
export const faultRuleSchema = z
  .strictObject({
    /** One, or several that are counted each for itself. */
    operation: z.union([z.enum(OPERATIONS), z.array(z.enum(OPERATIONS)).min(1)]),
    /** Key of an account; without one, any account's requests are struck. */
    account: z.string().optional(),
    /** The first request to be struck. */
    from: z.number().int().positive().default(1),
    /** How many in a row; null means all that follow. */
    times: z.number().int().positive().nullable().default(1),
    /** Strikes only from this instant on, and only before `until`: an outage. */
    since: z.iso.datetime().optional(),
    until: z.iso.datetime().optional(),
    fault: faultSchema,
  })
  .refine(
    (rule) => !rule.fault.kind.startsWith('execution_') || strikesOnly(rule.operation, 'create'),
    {
      message: 'faults of executions strike the operation create',
      path: ['operation'],
    },
  )
  .refine(
    (rule) => !rule.fault.kind.endsWith('_urls') || strikesOnly(rule.operation, 'download_urls'),
    {
      message: 'faults of the list of download URLs strike the operation download_urls',
      path: ['operation'],
    },
  );

export type FaultRule = z.output<typeof faultRuleSchema>;

/** A plan in full: the same plan and the same requests give the same faults. */
export const faultPlanSchema = z.strictObject({
  /** The seed that it was made from, if it was. */
  seed: z.union([z.number(), z.string()]).optional(),
  rules: z.array(faultRuleSchema),
});

/** A plan to be made from a seed. */
export const seededFaultsSchema = z.strictObject({
  seed: z.union([z.number(), z.string()]),
  /** Share of requests that are struck. */
  share: z.number().min(0).max(1).default(0.1),
  /** Requests of each operation that the plan reaches over. */
  requests: z.number().int().positive().default(200),
  /** Operations that may be struck. Default: all. */
  operations: z.array(z.enum(OPERATIONS)).optional(),
  /** Most faults in a row, so that a client with more retries than that gets through. */
  maxInARow: z.number().int().positive().default(2),
});

export const faultSettingsSchema = z.union([faultPlanSchema, seededFaultsSchema]);

export type FaultPlan = z.output<typeof faultPlanSchema>;
export type SeededFaults = z.output<typeof seededFaultsSchema>;
