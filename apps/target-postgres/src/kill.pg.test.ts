import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { addDays, LEDGER_KEY_PROPERTIES, LEDGER_SCHEMA } from '@traffic-events/slice';
import { EmbeddedPostgres } from '@traffic-events/warehouse/postgres/embedded';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

const BIN = fileURLToPath(new URL('../bin/target-postgres', import.meta.url));
const ACCOUNT = 'DE:dsp:1234';
const FIRST = '2026-01-28';
const DATES = Array.from({ length: 8 }, (_, index) => addDays(FIRST, index));
const ROWS = 400;
const USERS_PER_DATE = 50;
const MAX_RUNS = 40;
const HUNG_AFTER_MS = 60_000;
const { TRAFFIC_EVENTS_KILL_SEED: only, CI } = process.env;
/** As many seeds as fit into a test run of people; more where nobody waits. */
const SEEDS = CI === 'true' ? 100 : Number.POSITIVE_INFINITY;
const BUDGET_MS = CI === 'true' ? Number.POSITIVE_INFINITY : 25_000;

const replay = (seed: number) =>
  `TRAFFIC_EVENTS_KILL_SEED=${seed} npx vitest run --project apps/target-postgres src/kill.pg.test.ts`;

let server: EmbeddedPostgres;

beforeAll(async () => {
  server = await EmbeddedPostgres.start();
});
afterAll(() => server.stop());

type Victim = 'target' | 'tap' | 'PostgreSQL';

/** A number of [0, 1) for each seed and purpose. */
function drawOf(seed: number, purpose: string): number {
  return createHash('sha256').update(`${seed} ${purpose}`).digest().readUInt32BE() / 2 ** 32;
}

const reserved = {
  account_id: { type: 'string' },
  marketplace: { type: 'string' },
  event_date: { type: 'string', format: 'date' },
  filtered: { type: 'boolean' },
  execution_id: { type: 'string' },
  row_number: { type: 'integer' },
  extracted_at: { type: 'string', format: 'date-time' },
};
const SCHEMAS = [
  {
    type: 'SCHEMA',
    stream: 'clicks',
    key_properties: ['execution_id', 'row_number'],
    schema: {
      'x-replace-by': ['account_id', 'event_date'],
      properties: { ...reserved, clicks: { type: 'integer' } },
    },
  },
  {
    type: 'SCHEMA',
    stream: 'extractions',
    key_properties: LEDGER_KEY_PROPERTIES,
    schema: LEDGER_SCHEMA,
  },
  {
    type: 'SCHEMA',
    stream: 'users',
    key_properties: ['id'],
    schema: { properties: { id: { type: 'integer' } } },
  },
];

interface State {
  readonly bookmarks?: {
    readonly clicks?: { readonly partitions: readonly { readonly bookmark: string }[] };
  };
}

const bookmarkOf = (state: State | undefined) => state?.bookmarks?.clicks?.partitions[0]?.bookmark;

/** What a tap says from a state on: each date as a slice, and records of a stream with keys before. */
function messagesOf(run: number, given: State | undefined): object[] {
  const from = bookmarkOf(given);
  const dates = DATES.filter((date) => from === undefined || date > from);
  const first = given === undefined ? [] : [{ type: 'STATE', value: given }];
  return [...first, ...SCHEMAS, ...dates.flatMap((date) => dateMessages(run, date))];
}

function dateMessages(run: number, date: string): object[] {
  const at = DATES.indexOf(date);
  const users = Array.from({ length: USERS_PER_DATE }, (_, index) => ({
    type: 'RECORD',
    stream: 'users',
    record: { id: at * USERS_PER_DATE + index },
  }));
  const execution_id = `e-${date}-${run}`;
  const slice = { account_id: ACCOUNT, event_date: date };
  const extracted_at = '2026-03-01T00:00:00Z';
  const records = Array.from({ length: ROWS }, (_, index) => ({
    type: 'RECORD',
    stream: 'clicks',
    record: {
      ...slice,
      marketplace: 'DE',
      filtered: false,
      execution_id,
      row_number: index + 1,
      extracted_at,
      clicks: at + 1,
    },
  }));
  const facts = { row_count: ROWS, complete: true, settled: true, suspect: false };
  const ledger = {
    ...slice,
    ...facts,
    extraction_id: execution_id,
    execution_id,
    stream: 'clicks',
    marketplace: 'DE',
    status: 'settled',
    create_time: new Date(Date.UTC(2026, 2, 1) + run).toISOString(),
    sums: { clicks: String((at + 1) * ROWS) },
    fingerprint: 'f',
    run_id: `run-${run}`,
    recorded_at: extracted_at,
  };
  const partition = {
    context: { account_id: ACCOUNT },
    fingerprint: 'f',
    since: FIRST,
    bookmark: date,
    tail: {},
    in_flight: [],
  };
  const value = {
    bookmarks: { clicks: { partitions: [partition] } },
    slice: { stream: 'clicks', ...slice, execution_id, ...facts },
    run: { id: `run-${run}`, started_at: new Date(Date.UTC(2026, 2, 1) + run).toISOString() },
  };
  return [
    ...users,
    ...records,
    { type: 'RECORD', stream: 'extractions', record: ledger },
    { type: 'STATE', value },
  ];
}

interface Run {
  /** States that came out of the target, in order. */
  readonly states: readonly State[];
  readonly code: number | null;
}

/** Pipes messages into a target, and after a while kills the victim. */
async function runTarget(
  url: string,
  messages: readonly object[],
  kill: { victim: Victim; afterMs: number } | undefined,
): Promise<Run> {
  const child = spawn(BIN, [], {
    env: { ...process.env, TARGET_POSTGRES_URL: url },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => {});
  const states: State[] = [];
  createInterface({ input: child.stdout }).on('line', (line) =>
    states.push(JSON.parse(line) as State),
  );
  const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
  const hung = setTimeout(() => child.kill('SIGABRT'), HUNG_AFTER_MS);
  const tap = new AbortController();
  const feeding = feed(child.stdin, messages, tap.signal);
  if (kill !== undefined) {
    await sleep(kill.afterMs);
    if (kill.victim === 'target') child.kill('SIGKILL');
    if (kill.victim === 'tap') tap.abort();
    if (kill.victim === 'PostgreSQL') await crash(url);
  }
  await feeding;
  const [code, signal] = await exited;
  clearTimeout(hung);
  expect(signal, 'the target hangs').not.toBe('SIGABRT');
  return { states, code };
}

/** Writes as a tap does that works for its messages; one that is killed stops inside a line. */
async function feed(
  input: NodeJS.WritableStream,
  messages: readonly object[],
  signal: AbortSignal,
): Promise<void> {
  const text = messages.map((message) => `${JSON.stringify(message)}\n`).join('');
  const size = Math.ceil(text.length / 40);
  for (let at = 0; at < text.length && !signal.aborted; at += size) {
    input.write(text.slice(at, at + size));
    await sleep(4);
  }
  input.end();
}

/** Kills the process of a loader's session: the server ends all others and recovers from its log. */
async function crash(url: string): Promise<void> {
  const pids = await query<{ pid: number }>(
    url,
    "SELECT pid FROM pg_stat_activity WHERE application_name = 'traffic-events' AND datname = current_database()",
  );
  for (const { pid } of pids) killIfThere(pid);
}

/** A session may have ended since it was listed, or with the one that was killed before it. */
function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  for (let attempt = 0; ; attempt += 1) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query<Row>(sql)).rows;
    } catch (error) {
      if (attempt === 50) throw error;
      await sleep(100);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Dates that the warehouse has whole, each from one execution and with its ledger row. */
async function wholeDates(url: string): Promise<string[]> {
  const [found] = await query<{ found: boolean }>(
    url,
    "SELECT to_regclass('traffic_events.clicks') IS NOT NULL AS found",
  );
  if (found?.found !== true) return [];
  const rows = await query<{ date: string }>(
    url,
    `SELECT event_date::text AS date FROM traffic_events.clicks AS c
      GROUP BY event_date HAVING count(*) = ${ROWS} AND count(DISTINCT execution_id) = 1
         AND sum(clicks) = ${ROWS} * (event_date - '${FIRST}'::date + 1)
         AND EXISTS (SELECT 1 FROM traffic_events.extractions e WHERE e.event_date = c.event_date)
      ORDER BY 1`,
  );
  return rows.map(({ date }) => date);
}

async function playSeed(seed: number): Promise<void> {
  const victim = (['target', 'tap', 'PostgreSQL'] as const)[seed % 3] as Victim;
  const url = await server.createDatabase(`kill_${seed}`);
  let given: State | undefined;
  for (let run = 1; ; run += 1) {
    expect(run, 'runs until everything is loaded').toBeLessThan(MAX_RUNS);
    // Starting takes a while itself; kills come before, while and after messages flow.
    const kill = run <= 2 ? { victim, afterMs: 100 + drawOf(seed, `run ${run}`) * 700 } : undefined;
    const { states, code } = await runTarget(url, messagesOf(run, given), kill);
    const whole = await wholeDates(url);
    for (const state of states) {
      const bookmark = bookmarkOf(state) ?? '';
      expect(whole, `${victim}, seed ${seed}: state ${bookmark} is true`).toEqual(
        expect.arrayContaining(DATES.filter((date) => date <= bookmark)),
      );
    }
    given = states.at(-1) ?? given;
    if (kill === undefined && code === 0) break;
  }
  expect(await wholeDates(url)).toEqual(DATES);
  expect(
    await query(
      url,
      'SELECT count(*)::int AS n, count(DISTINCT id)::int AS d FROM traffic_events.users',
    ),
  ).toEqual([{ n: DATES.length * USERS_PER_DATE, d: DATES.length * USERS_PER_DATE }]);
  expect(
    await query(url, "SELECT state->>'bookmark' AS b FROM traffic_events._traffic_events_state"),
  ).toEqual([{ b: DATES.at(-1) }]);
  await server.dropDatabase(`kill_${seed}`);
}

test(
  'target, tap or PostgreSQL killed at any moment: the next run ends in the same tables, and no state was ever ahead',
  { timeout: 1_800_000 },
  async () => {
    if (only !== undefined) return playSeed(Number(only));
    const endMs = Date.now() + BUDGET_MS;
    let seed = 0;
    while (seed < SEEDS && (seed < 3 || Date.now() < endMs)) {
      await playSeed(seed).catch((error: Error) => {
        throw new Error(`seed ${seed}: ${error.message}\nalone: ${replay(seed)}`, { cause: error });
      });
      seed += 1;
    }
    expect(seed).toBeGreaterThanOrEqual(3);
  },
);
