import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { hasPython, peerFolder } from '../conformance/python-peers.ts';
import { runProgram } from '../conformance/run-program.ts';
import { DSP, TapWorld } from '../conformance/tap-world.ts';
import { openPostgres } from '../e2e/postgres-under-test.ts';
import { isThorough } from '../reporting/thorough.ts';
import { releaseFiles } from './release-files.ts';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const LAST = '2026-01-02';
/** Installs two environments with a Node each. */
const INSTALL_MS = 600_000;

interface Plugin {
  readonly name: string;
  readonly config: object;
}

/** A plugin as an example of ours has it. */
function pluginOf(example: string, kind: 'extractors' | 'loaders', name: string): Plugin {
  const text = readFileSync(join(EXAMPLES, example, 'meltano.yml'), 'utf8');
  const project = parse(text) as { plugins: Record<typeof kind, Plugin[]> };
  const plugin = project.plugins[kind].find((each) => each.name === name);
  if (plugin === undefined) throw new Error(`${example} has no ${name}`);
  return plugin;
}

/** What a relocatable script of Python starts itself with, and nothing else: no Node above all. */
function toolsIn(folder: string): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  for (const name of ['dirname', 'realpath']) {
    const path = execFileSync('/bin/sh', ['-c', `command -v ${name}`]).toString();
    symlinkSync(path.trim(), join(tools, name));
  }
  return tools;
}

describe.runIf(isThorough && hasPython())('meltano add with the wheels as pip_url', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'meltano-wheels-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it(
    'runs the tap into the target where there is no Node, and goes on from its state',
    async () => {
      await using world = await TapWorld.start('2026-01-03T06:00:00Z');
      const database = await openPostgres();
      const bin = await peerFolder('meltano');
      const { accounts, start_date, ...credentials } = world.config('2026-01-01');
      const project = {
        default_environment: 'dev',
        project_id: 'traffic-events-wheels',
        environments: [{ name: 'dev' }],
      };
      writeFileSync(join(folder, 'meltano.yml'), stringify(project));
      const tap = Object.entries({
        ...credentials,
        accounts: JSON.stringify(accounts),
        start_date,
      });
      const environment = {
        ...definedOf(process.env),
        ...world.environment,
        PATH: toolsIn(folder),
        HOME: folder,
        MELTANO_SEND_ANONYMOUS_USAGE_STATS: 'false',
        TARGET_POSTGRES_URL: database.url,
        TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA: 'traffic_events',
        ...Object.fromEntries(
          tap.map(([name, value]) => [`TAP_TRAFFIC_EVENTS_${name.toUpperCase()}`, value]),
        ),
      };
      const meltano = async (...args: readonly string[]) => {
        const ended = await runProgram(join(bin, 'meltano'), args, { environment, folder });
        expect([ended.code, ended.stdout + ended.stderr]).toEqual([0, expect.any(String)]);
        return ended.stdout + ended.stderr;
      };
      const add = async (kind: 'extractor' | 'loader', plugin: Plugin, wheel: string) => {
        const [pip_url = ''] = releaseFiles(wheel);
        const definition = join(folder, `${plugin.name}.yml`);
        const { config: _, ...description } = plugin;
        writeFileSync(definition, stringify({ ...description, variant: 'own', pip_url }));
        await meltano('add', '--plugin-type', kind, plugin.name, '--from-ref', definition);
      };
      try {
        const extractor = pluginOf('meltano', 'extractors', 'tap-traffic-events');
        await add('extractor', extractor, 'tap_traffic_events-*.whl');
        const loader = pluginOf('meltano-target', 'loaders', 'target-postgres');
        await add('loader', loader, 'traffic_events_target_postgres-*.whl');
        await meltano('run', 'tap-traffic-events', 'target-postgres');
        const held = await database.query<{ event_date: string; impressions: string }>(
          `SELECT event_date::text, sum(impressions)::text AS impressions
             FROM traffic_events.dsp_impressions GROUP BY event_date ORDER BY event_date`,
        );
        expect(held.map(({ event_date: date }) => date)).toEqual(['2026-01-01', LAST]);
        const [truth] = await world.simulator.truth({
          account: DSP,
          dataSource: 'dsp_impressions',
          from: '2026-01-01',
          to: '2026-01-01',
        });
        expect(Number(held[0]?.impressions)).toBeGreaterThan(0);
        expect(Number(held[0]?.impressions)).toBeLessThanOrEqual(
          Number(truth?.totals['impressions']),
        );
        const again = await meltano('run', 'tap-traffic-events', 'target-postgres');
        expect(again).toMatch(/"created":0,"adopted":0,"loaded":0/);
      } finally {
        await database.drop();
      }
    },
    INSTALL_MS,
  );
});

function definedOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const entries = Object.entries(environment);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => !!entry[1]));
}
