import { z } from 'zod';
import { millisecondsSchema, secondsSchema } from './durations.ts';

const durationSchema = z.union([
  /** Milliseconds from create to result. */
  millisecondsSchema,
  z.strictObject({
    pendingMs: millisecondsSchema,
    runningMs: millisecondsSchema,
    publishingMs: millisecondsSchema.default(0),
  }),
  z.strictObject({
    medianMs: millisecondsSchema.positive(),
    /** Standard deviation of the logarithm. */
    sigma: z.number().nonnegative().max(5),
    seed: z.union([z.number(), z.string()]).default(1),
  }),
]);

export type DurationSettings = z.output<typeof durationSchema>;

/**
 * How the API shows itself where its documentation contradicts itself or leaves a choice (API.md
 * 1.6). Each can be set for the whole run, for one account, and while the simulator runs.
 */
export const behaviourShape = {
  /** Executions inside `{"workflowExecution": ...}`, or flat. */
  responseShape: z.enum(['nested', 'flat']).default('nested'),
  /** Status of the answer to one create too many. */
  capacityStatus: z
    .union([z.literal(402), z.literal(422), z.literal(400), z.literal(429)])
    .default(422),
  /** PENDING and RUNNING executions that an account may have. */
  maxActiveExecutions: z.number().int().positive().default(5),
  /** How long executions take, on the simulated clock. */
  executionDurationMs: durationSchema.default(15 * 60_000),
  /** Slots that other programs of the account's owner hold. */
  slotsHeldByOthers: z.number().int().nonnegative().default(0),
  /** Which spelling of the sponsored ads header is known. */
  entityHeader: z.enum(['both', 'EntityId', 'Entity-Id']).default('both'),
  /** Which name of the DSP header is known. */
  advertiserHeader: z.enum(['both', 'Advertiser-Id', 'API-AdvertiserId']).default('both'),
  /** Status for an account that the user may not query. */
  noAccessStatus: z.union([z.literal(401), z.literal(403)]).default(403),
  /** Status for an access token that has expired. */
  expiredTokenStatus: z.union([z.literal(401), z.literal(403)]).default(401),
  /** Which shape of a create's time window is read; the other one is as if nothing were said. */
  windowShape: z.enum(['both', 'nested', 'flat']).default('both'),
  /** The bounds of a window in answers: instants, seconds of the epoch, or in its own zone alone. */
  windowBounds: z.enum(['text', 'epoch', 'local']).default('text'),
  /** Which forms of the list operation exist. */
  listOperation: z.enum(['both', 'post', 'get', 'none']).default('both'),
  listKey: z.enum(['executions', 'workflowExecutions', 'array']).default('executions'),
  listPageSize: z.number().int().positive().max(100).default(100),
  /** Puts an empty page with a nextToken before each page. */
  emptyListPages: z.boolean().default(false),
  /** Numbers of pages, from 1, that a list leaves out: the token before leads past them. */
  listSkipsPages: z.array(z.number().int().positive()).default([]),
  /** No list has every so-manyth execution of an account, counted from its first. */
  listHidesEvery: z.number().int().positive().nullable().default(null),
  /** How long a new execution is in no list. */
  listLagSeconds: secondsSchema.default(0),
  /**
   * What stands at the end of a list: no token; the token of the last page again and again; another
   * token each time, with the same pages behind it from the first, or with empty ones.
   */
  listEnd: z.enum(['none', 'same_token', 'repeats', 'empty_pages']).default('none'),
  /** Answers a list with every execution, whatever it was asked for. */
  listIgnoresFilter: z.boolean().default(false),
  /** Fields that executions lack in the answers of each call: all but id and status are optional. */
  createOmits: z.array(z.string()).default([]),
  getOmits: z.array(z.string()).default([]),
  listOmits: z.array(z.string()).default([]),
  /** Instants in answers: `2023-08-17T04:12:53Z` or with milliseconds. */
  timestampPrecision: z.enum(['seconds', 'milliseconds']).default('seconds'),
  /** Refuses queries with line breaks or tabs at create, as the prose asks. */
  singleLineSql: z.boolean().default(false),
  /** Key under which the reason of a failure is given. */
  reasonKey: z
    .enum([
      'statusReason',
      'workflowExecutionStatusReason',
      'failureReason',
      'errorReason',
      'details',
    ])
    .default('statusReason'),
  /** `{"code", "details"}`, or a gateway's `{"message"}`. */
  errorShape: z.enum(['code_details', 'message']).default('code_details'),
  urlKey: z.enum(['downloadUrls', 'downloadUrl', 'urls']).default('downloadUrls'),
  /** Download URLs as text or as `{"url": ...}`. */
  urlShape: z.enum(['text', 'object']).default('text'),
  /** A second key that lists the same files, or others. */
  secondUrlKey: z.enum(['none', 'same', 'different']).default('none'),
  /**
   * What nextToken of the download URLs does: there is none; a file a page; always the same one, or
   * another each time, with all files on each page; another each time, with no files behind it; one
   * that leads to the files of the account's other executions; one that is refused with 400.
   */
  urlTokens: z
    .enum(['none', 'pages', 'same', 'endless', 'empty_pages', 'foreign', 'refused'])
    .default('none'),
  metadataUrls: z.boolean().default(true),
  /** Whether metadata files state how many rows the result has, and whether that is right. */
  metadataRows: z.enum(['absent', 'right', 'wrong']).default('absent'),
  urlTtlSeconds: secondsSchema.positive().default(600),
  tokenTtlSeconds: secondsSchema.positive().default(3600),
  /** What the user says who is asked for consent. */
  consent: z.enum(['given', 'refused']).default('given'),
  /** How long a consent is good; null for ever. Since 2026-07-30 it is 365 days. */
  refreshTokenTtlSeconds: secondsSchema.positive().nullable().default(null),
  /** How long an execution can be downloaded, counted from its createTime: its expireTime. */
  resultTtlSeconds: secondsSchema.positive().default(86_400),
  /** Answers downloads with 307 to another address of the same server. */
  redirectDownloads: z.boolean().default(false),
  /** Blanks metrics whose own threshold is missed, too. */
  blankMetrics: z.boolean().default(false),
  /** Users who contribute at all, or the row's total over the largest contribution. */
  userCount: z.enum(['effective', 'equivalent']).default('effective'),
  /** Which set operations are taken. */
  unions: z.enum(['all', 'union_all', 'none']).default('all'),
  /** Branches that a union may have. */
  maxUnionBranches: z.number().int().positive().nullable().default(null),
  /** Columns that a query may give, beside those that the service adds. */
  maxOutputColumns: z.number().int().positive().nullable().default(null),
  /**
   * What the rows of a union are judged by: the strictest threshold of every column of the output,
   * also of those that their branch leaves NULL; the strictest of those that it fills; the thresholds
   * of their own branch; or 100 users, whatever the columns are.
   */
  unionThresholds: z.enum(['output', 'position', 'branch', 'medium']).default('output'),
  /** Text that stands in every branch of a union: as it is; withheld like a dimension; that of the first. */
  unionLabels: z.enum(['kept', 'blanked', 'repeated']).default('kept'),
  /** What each further branch of a union adds to the duration, as a share of it. */
  unionSlowdown: z.number().nonnegative().default(0),
  /** Whether HAVING is taken. */
  having: z.boolean().default(true),
  /** Rows by their cells, so that those of a branch stand together, or in no order. */
  rowOrder: z.enum(['sorted', 'shuffled']).default('sorted'),
  /** Executions over the same sources and overlapping windows after which more are REJECTED. */
  overlapLimit: z.number().int().positive().nullable().default(null),
  /** Names what is missing, as `dataGaps` of each execution. */
  dataGaps: z.array(z.string()).default([]),
  /** Region of the host: requests for marketplaces of another are refused. */
  region: z.enum(['NA', 'EU', 'FE']).nullable().default(null),

  dateFormat: z.enum(['iso', 'us']).default('iso'),
  timestampFormat: z.enum(['T.SSS', 'T', 'TZ', 'space']).default('T.SSS'),
  booleanFormat: z.enum(['TRUE', 'true', '1']).default('true'),
  nullText: z.enum(['', 'NULL']).default(''),
  /** Inside quotes: `\"` as Spark writes, or `""` as RFC 4180 says. */
  escape: z.enum(['backslash', 'doubled']).default('backslash'),
  quoteAll: z.boolean().default(false),
  lineEnding: z.enum(['lf', 'crlf']).default('lf'),
  byteOrderMark: z.boolean().default(false),
  /** Files that a result is split into. */
  partFiles: z.number().int().min(1).max(5).default(1),
  /** Which of them have a header; `again` has it before each row, as parts put together have. */
  partHeaders: z.enum(['each', 'first', 'again']).default('each'),
  /** Whether the columns of every other part stand in the opposite order. */
  partColumns: z.enum(['same', 'reversed']).default('same'),
  gzip: z.union([z.boolean(), z.literal('twice')]).default(false),
  /** A result without rows: a header alone, no bytes at all, or a list without files. */
  emptyResult: z.enum(['header', 'zero_bytes', 'no_file']).default('header'),
} as const;

export const behaviourSchema = z.strictObject(behaviourShape);

/** Each switch optional and without default, to lay over another. */
export const behaviourOverridesSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(behaviourShape).map(([name, schema]) => [name, schema.unwrap().optional()]),
  ) as {
    [Name in keyof typeof behaviourShape]: z.ZodOptional<
      ReturnType<(typeof behaviourShape)[Name]['unwrap']>
    >;
  },
);

export type Behaviour = Readonly<z.output<typeof behaviourSchema>>;
export type BehaviourOverrides = Readonly<z.output<typeof behaviourOverridesSchema>>;

/** The switches that `settings` sets, without whatever else is in there. */
export function overridesIn(settings: Readonly<Record<string, unknown>>): BehaviourOverrides {
  const set = Object.entries(settings).filter(
    ([name, value]) => name in behaviourShape && value !== undefined,
  );
  return Object.fromEntries(set) as BehaviourOverrides;
}
