import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { SimulatedAccount } from '../accounts/account.ts';
import type { SimulatedClock } from '../clock/simulated-clock.ts';
import { faultSettingsSchema } from '../faults/fault.ts';
import { planOf } from '../faults/make-fault-plan.ts';
import { ApiError } from '../http/api-error.ts';
import { behaviourOverridesSchema, overridesIn } from '../settings/behaviour.ts';
import { SimulatorSettingsError } from '../settings/simulator-settings-error.ts';
import type { Simulation } from '../simulation.ts';
import { truth, TRUTH_SOURCES } from './truth.ts';

const PREFIX = '/_simulator';

const clockSchema = z.union([
  z.strictObject({ to: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advance_seconds: z.number().nonnegative() }),
]);

/** The simulator's own interface: its clock, the truth, what has been asked of it. */
export function registerControlRoutes(server: FastifyInstance, simulation: Simulation): void {
  const { clock } = simulation;
  const clockAnswer = () => ({ now: new Date(clock.now()).toISOString(), scale: clock.scale });

  server.get(`${PREFIX}/clock`, async () => clockAnswer());
  server.post(`${PREFIX}/clock`, async (request) => {
    const wanted = parse(clockSchema, controlBody(request));
    const nowMs = clock.now();
    advance(clock, 'to' in wanted ? Date.parse(wanted.to) : nowMs + wanted.advance_seconds * 1000);
    return clockAnswer();
  });
  server.get(`${PREFIX}/truth`, async (request) => answerTruth(request, simulation));
  server.get(`${PREFIX}/executions`, async () => ({ executions: executionList(simulation) }));
  const { faults } = simulation;
  server.get(`${PREFIX}/faults`, async () => ({ plan: faults.plan, struck: faults.struck }));
  server.post(`${PREFIX}/faults`, async (request) => {
    faults.replace(planOf(parse(faultSettingsSchema, controlBody(request))));
    return { plan: faults.plan, struck: faults.struck };
  });
  server.get(`${PREFIX}/behaviour`, async () => behaviours(simulation));
  server.post(`${PREFIX}/behaviour`, async (request) => {
    changeBehaviour(parse(behaviourChangeSchema, controlBody(request)), simulation);
    return behaviours(simulation);
  });
  server.get(`${PREFIX}/measurements`, async () => ({
    queries: simulation.runner.measurements,
    requests: simulation.meter.measurements,
  }));
}

function advance(clock: SimulatedClock, toMs: number): void {
  try {
    clock.advanceTo(toMs);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new ApiError(400, error.message);
  }
}

const behaviourChangeSchema = z.strictObject({
  /** Key of an account; all of them, and what is no account's, without one. */
  account: z.string().optional(),
  ...behaviourOverridesSchema.shape,
});

function changeBehaviour(
  change: z.output<typeof behaviourChangeSchema>,
  simulation: Simulation,
): void {
  const { account: key, ...settings } = change;
  const overrides = overridesIn(settings);
  const { accounts } = simulation;
  const changed = key === undefined ? accounts.all : [knownAccount(key, simulation)];
  if (key === undefined) simulation.switches.change(overrides);
  for (const account of changed) account.changeBehaviour(overrides);
}

function behaviours({ switches, accounts }: Simulation) {
  const byAccount = accounts.all.map((account) => [account.key, account.behaviour]);
  return { run: switches.current, accounts: Object.fromEntries(byAccount) };
}

function knownAccount(key: string, simulation: Simulation): SimulatedAccount {
  const account = simulation.accounts.byKey(key);
  if (account !== undefined) return account;
  const known = simulation.accounts.all.map((each) => each.key).join(', ');
  throw new ApiError(404, `There is no account '${key}'; there are ${known}`);
}

function executionList(simulation: Simulation) {
  const nowMs = simulation.clock.now();
  return simulation.executions.all().map((each) => ({
    id: each.id,
    account: each.account.key,
    workflowId: each.workflowId,
    status: each.statusAt(nowMs),
    reason: each.reasonAt(nowMs) ?? null,
    createTime: new Date(each.createTimeMs).toISOString(),
    windowStart: new Date(each.window.startMs).toISOString(),
    windowEnd: new Date(each.window.endMs).toISOString(),
    sqlQuery: each.request.sqlQuery,
  }));
}

const truthSchema = z.object({
  account: z.string(),
  data_source: z.enum(TRUTH_SOURCES),
  /** Default: 31 days before `to`. */
  from: z.iso.date().optional(),
  /** Default: the day before `as_of`. */
  to: z.iso.date().optional(),
  as_of: z.iso.datetime({ offset: true }).optional(),
  /** Dimensions to tell apart, between commas. */
  by: z
    .string()
    .transform((list) => list.split(','))
    .optional(),
});

async function answerTruth(request: FastifyRequest, simulation: Simulation) {
  const query = parse(truthSchema, request.query);
  const [key = '', timeZone = 'UTC'] = query.account.split('@');
  const account = knownAccount(key, simulation);
  const asOfMs = query.as_of === undefined ? simulation.clock.now() : Date.parse(query.as_of);
  const { data_source: source, to = dateOf(asOfMs - DAY_MS) } = query;
  const { from = dateOf(Date.parse(to) - 31 * DAY_MS) } = query;
  const question = { account, dataSource: source, from, to, asOfMs, timeZone, by: query.by };
  const rows = await knownTruth(question, simulation);
  return {
    as_of: new Date(asOfMs).toISOString(),
    rows: rows.map((row) => ({ account: query.account, data_source: source, ...row })),
  };
}

async function knownTruth(
  question: Parameters<typeof truth>[1],
  { database }: Simulation,
): ReturnType<typeof truth> {
  try {
    return await truth(database, question);
  } catch (error) {
    if (!(error instanceof SimulatorSettingsError)) throw error;
    throw new ApiError(400, error.message);
  }
}

const DAY_MS = 86_400_000;

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function parse<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error));
  return parsed.data;
}

function controlBody(request: FastifyRequest): unknown {
  try {
    return JSON.parse(String(request.body));
  } catch {
    throw new ApiError(400, 'The request body must be JSON');
  }
}
