import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { contentOf } from './oracle.ts';
import type { PostgresUnderTest } from './postgres-under-test.ts';
import { run } from './programs.ts';
import type { Ended } from './programs.ts';
import { World } from './world.ts';

const [ACCOUNT, OTHER] = ['DE:dsp:590122334455667788', 'UK:dsp:590122334455667789'] as const;
const STREAM = 'dsp_impressions';

let world: World;
let directory: string;
let archive: string;
let database: PostgresUnderTest;

beforeAll(async () => {
  world = await World.start({
    accounts: [
      { kind: 'dsp', marketplace: 'DE', advertiserId: '590122334455667788' },
      { kind: 'dsp', marketplace: 'UK', advertiserId: '590122334455667789' },
    ],
    from: '2026-01-05',
    days: 2,
    now: '2026-01-20T06:00:00Z',
    streams: [STREAM],
  });
});
afterAll(() => world[Symbol.asyncDispose]());

/** A warehouse of both accounts, and its archive, for the tests of a command to damage. */
async function prepare() {
  directory = mkdtempSync(join(tmpdir(), 'traffic-events-upkeep-'));
  archive = join(directory, 'archive');
  database = await world.database();
  expect(await command('sync')).toMatchObject({ code: 0 });
  return () => rmSync(directory, { recursive: true });
}

function command(...args: string[]): Promise<Ended> {
  const config = world.configFile(database, { archive });
  return run('traffic-events', [...args, '--config', config], world.environment());
}

const accounts = async () =>
  (
    await database.query<{ account_id: string }>(
      `SELECT DISTINCT account_id FROM ${STREAM} UNION SELECT account_id FROM extractions
         UNION SELECT account_id FROM _traffic_events_state ORDER BY 1`,
    )
  ).map(({ account_id }) => account_id);

const states = () =>
  database.query('SELECT stream, account_id, state FROM _traffic_events_state ORDER BY 1, 2');

describe('verify', () => {
  beforeAll(prepare);

  test('finds warehouse and archive whole', async () => {
    const ended = await command('verify');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(
      /^\d+ slices are as the ledger says\.\n\d+ results in the archive are whole\.\n$/,
    );
  });

  test('names what differs, in both, and ends with a code of its own', async () => {
    await database.query(
      `DELETE FROM ${STREAM} WHERE event_date = '2026-01-05' AND account_id = '${OTHER}'`,
    );
    const date = join(archive, STREAM, ACCOUNT.replaceAll(':', '='), '2026-01-06');
    const part = readdirSync(date).find((name) => name.endsWith('.gz')) ?? 'none';
    writeFileSync(join(date, part), 'no gzip');
    const ended = await command('verify');
    expect(ended, ended.stderr).toMatchObject({ code: 9 });
    expect(ended.stdout).toMatch(/^Of \d+ slices, 1 are not as the ledger says:$/m);
    expect(ended.stdout).toMatch(
      new RegExp(
        `^${OTHER}\nstream .*\n(?:${STREAM}.*\n)*${STREAM} +2026-01-05 +rows +[1-9]\\d* +0 +\\S+$`,
        'm',
      ),
    );
    expect(ended.stdout).toMatch(
      new RegExp(
        `^  ${STREAM} ${ACCOUNT} 2026-01-06 \\(execution \\S+\\): \\S+ cannot be unpacked`,
        'm',
      ),
    );
    const json = JSON.parse((await command('verify', '--json')).stdout) as object;
    expect(json).toMatchObject({
      differences: expect.arrayContaining([
        expect.objectContaining({ accountId: OTHER, what: 'rows', table: '0' }),
      ]),
      archive: { faults: [expect.stringContaining('cannot be unpacked')] },
    });
  });
});

describe('account', () => {
  beforeAll(prepare);

  test('remove counts what goes, asks, and removes it', async () => {
    const unasked = await command('account', 'remove', OTHER);
    expect(unasked.code).toBe(2);
    expect(unasked.stderr).toContain('Nothing was changed; --yes goes on unasked.');
    expect(await accounts()).toEqual([ACCOUNT, OTHER]);
    const ended = await command('account', 'remove', OTHER, '--yes');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(ended.stdout).toMatch(new RegExp(`^What is held of ${OTHER} is removed:\n`));
    expect(ended.stdout).toMatch(new RegExp(`^  ${STREAM}: [1-9]\\d* rows$`, 'm'));
    expect(await accounts()).toEqual([ACCOUNT]);
    const again = await command('account', 'remove', OTHER, '--yes');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain(
      `${OTHER}: nothing is held of such an account; held are ${ACCOUNT}.`,
    );
  });

  test('rename keeps the history, and the archive goes along', async () => {
    const renamed = 'DE:dsp:590122334455667790';
    const ended = await command('account', 'rename', ACCOUNT, renamed, '--yes');
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(await accounts()).toEqual([renamed]);
    expect(ended.stdout).toMatch(/^[1-9]\d* results in the archive go by the new key\.$/m);
    expect(readdirSync(join(archive, STREAM)).toSorted()).toEqual(
      [renamed, OTHER].map((key) => key.replaceAll(':', '=')),
    );
    const taken = await command('account', 'rename', renamed, 'DE:entity:ENTITY1', '--yes');
    expect(taken.code).toBe(2);
    expect(taken.stderr).toContain('DE:entity:ENTITY1 is no account of the same kind');
  });

  test('what was renamed is verified, and rebuilt, under its new key', async () => {
    expect(await command('verify')).toMatchObject({ code: 0 });
    const content = await contentOf(database, STREAM);
    await database.query(`DELETE FROM ${STREAM}; DELETE FROM extractions`);
    await database.query('DELETE FROM _traffic_events_state');
    const config = world.configFile(database, {
      archive,
      accounts: [{ marketplace: 'DE', advertiser_id: '590122334455667790' }],
    });
    const ended = await run('traffic-events', ['rebuild', '--config', config], world.environment());
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(await contentOf(database, STREAM)).toEqual(content);
  });
});

describe('state', () => {
  beforeAll(prepare);

  test('is shown, saved, forgotten and loaded again', async () => {
    const before = await states();
    const shown = await command('state', 'show', '--accounts', 'UK:*');
    expect(shown.stdout).toMatch(
      new RegExp(`^${OTHER}\nstream .*\n${STREAM} +2026-01-05 +2026-01-1\\d `, 'm'),
    );
    expect(shown.stdout).not.toContain(ACCOUNT);
    const file = join(directory, 'state.json');
    const exported = await command('state', 'export');
    writeFileSync(file, exported.stdout);
    const reset = await command('state', 'reset', '--accounts', 'UK:*', '--yes');
    expect(reset, reset.stderr).toMatchObject({ code: 0 });
    expect(await states()).toEqual(before.slice(0, 1));
    const imported = await command('state', 'import', file, '--yes');
    expect(imported, imported.stderr).toMatchObject({ code: 0 });
    expect(await states()).toEqual(before);
    const content = await contentOf(database, STREAM);
    expect(await command('sync')).toMatchObject({ code: 0 });
    expect(await contentOf(database, STREAM)).toEqual(content);
  });

  test('that no run can have written is not loaded', async () => {
    const file = join(directory, 'state.json');
    const { stdout } = await command('state', 'export');
    writeFileSync(file, stdout.replace(/"bookmark": "[^"]+"/, '"bookmark": "9999-12-31"'));
    const before = await states();
    const refused = await command('state', 'import', file, '--yes');
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('9999-12-31 is after');
    expect(await states()).toEqual(before);
    const nothing = await command('state', 'reset', '--stream', 'dsp_views', '--yes');
    expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('Nothing is held')]);
  });
});

describe('doctor', () => {
  beforeAll(prepare);

  test('gathers what somebody who helps needs to know, and no secret', async () => {
    const file = join(directory, 'doctor.json');
    const ended = await command('doctor', '--output', file);
    expect(ended, ended.stderr).toMatchObject({ code: 0, stdout: `${file} is written.\n` });
    const text = readFileSync(file, 'utf8');
    expect(JSON.parse(text)).toMatchObject({
      program: { node: process.version },
      configuration: { credentials: { client_secret: '[secret]' }, warehouse: '[secret]' },
      checks: expect.arrayContaining([
        expect.objectContaining({ what: 'warehouse', outcome: 'ok' }),
      ]),
      status: { streams: expect.arrayContaining([expect.objectContaining({ stream: STREAM })]) },
    });
    const { clientSecret, refreshToken } = world.simulator.credentials;
    for (const secret of [clientSecret, refreshToken, database.password, database.url]) {
      expect(text).not.toContain(secret);
    }
    expect((await command('doctor', '--output', file)).code).toBe(2);
  });

  test('says what is at fault where nothing can be reached', async () => {
    const config = world.configFile({ url: 'postgres://loader:hidden-word@127.0.0.1:9/none' });
    const ended = await run('traffic-events', ['doctor', '--config', config], world.environment());
    expect(ended, ended.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      status: { fault: expect.stringContaining('127.0.0.1:9') },
    });
    expect(ended.stdout).not.toContain('hidden-word');
  });
});

const complete = async (...words: string[]) =>
  (await run('traffic-events', ['complete', ...words])).stdout;

describe('complete', () => {
  test('prints a script for the shell, which asks for what may come next', async () => {
    expect(await complete('bash')).toContain('complete -F');
    expect(await complete('--', 'sync', '--ev')).toMatch(/^--every\t/);
    expect(await complete('--', 'state', '')).toMatch(/^export\t/m);
    expect(await complete('--', 'sync', '--log-format', '')).toMatch(/^text\t\njson/);
  });
});
