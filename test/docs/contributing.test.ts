import { execFile } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { isThorough } from '../reporting/thorough.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGE = readFileSync(resolve(ROOT, 'CONTRIBUTING.md'), 'utf8');
const run = promisify(execFile);

const pathsIn = (text: string) =>
  [...text.matchAll(/`([^`\s]+\/[^`\s]+)`|\]\(([^):]+)\)/g)].map(
    ([, code, link]) => code ?? link ?? '',
  );

test('every path that a recipe names is there', () => {
  const paths = pathsIn(PAGE);
  expect(paths.length).toBeGreaterThan(40);
  expect(paths.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
});

/** The files of a recipe's table. */
function filesOf(recipe: string): string[] {
  const [, text = ''] = PAGE.split(`## ${recipe}\n`);
  const rows =
    text
      .split('\n## ')[0]
      ?.split('\n')
      .filter((line) => line.startsWith('| `')) ?? [];
  return rows.flatMap((row) => pathsIn(row.split(' | ')[0] ?? ''));
}

/** A data source that Amazon does not have, made as the recipe says: text that is added before another. */
const CONVERSIONS: Readonly<Record<string, readonly (readonly [before: string, added: string])[]>> =
  {
    'packages/client/src/data-sources/data-source.ts': [
      ["  | 'devices_traffic'", "  | 'dsp_conversions'\n"],
    ],
    'packages/client/src/data-sources/data-sources.ts': [
      [
        '/** The ten tables',
        `const dspConversions: DataSource = {
  name: 'dsp_conversions',
  accountKind: 'dsp',
  invalidTraffic: false,
  eventDateColumn: 'event_date_utc',
  eventHourColumn: null,
  columns: [
    dimension('campaign', 'STRING', 'LOW'),
    dimension('event_date_utc', 'DATE', 'LOW'),
    metric('conversions', 'LONG', 'NONE'),
  ],
};

`,
      ],
      ['  dspViews,\n', '  dspConversions,\n'],
    ],
    'packages/source/src/streams/data-source-streams.ts': [
      [
        '  dsp_views: {',
        "  dsp_conversions: { main: 'conversions', description: 'Conversions.' },\n",
      ],
    ],
    'packages/simulator/src/events/source-columns.ts': [
      ['  dsp_views: ', "  dsp_conversions: [impressionPart(VALID, { conversions: '1' })],\n"],
    ],
  };

describe.runIf(isThorough)('a stream that is added as the recipe says', () => {
  let copy: string;
  const typesOf = (name: string) =>
    run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', join(copy, 'packages', name)]);

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), 'contributing-'));
    for (const name of ['packages', 'apps', 'tsconfig.base.json', 'package.json']) {
      cpSync(join(ROOT, name), join(copy, name), { recursive: true, verbatimSymlinks: true });
    }
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  const add = (file: string) => {
    for (const [before, added] of CONVERSIONS[file] ?? []) {
      const path = join(copy, file);
      const text = readFileSync(path, 'utf8');
      expect(text, `${file} has no ${before}`).toContain(before);
      writeFileSync(path, text.replace(before, added + before));
    }
  };

  test('needs the files that it names: the compiler misses them otherwise', async () => {
    const named = filesOf('A stream');
    expect(named).toEqual(expect.arrayContaining(Object.keys(CONVERSIONS)));
    add('packages/client/src/data-sources/data-source.ts');
    await expect(typesOf('source')).rejects.toMatchObject({
      stdout: expect.stringMatching(/data-source-streams\.ts.*dsp_conversions/),
    });
    await expect(typesOf('simulator')).rejects.toMatchObject({
      stdout: expect.stringMatching(/source-columns\.ts.*dsp_conversions/),
    });
  });

  test('is whole with them, and is discovered with its columns', async () => {
    for (const file of Object.keys(CONVERSIONS).slice(1)) add(file);
    for (const name of ['client', 'source', 'simulator']) await typesOf(name);
    const { stdout } = await run(process.execPath, [
      join(copy, 'apps/tap-traffic-events/src/main.ts'),
      '--config',
      'ENV',
      '--discover',
    ]);
    const { streams } = JSON.parse(stdout) as {
      streams: { stream: string; schema: { properties: object } }[];
    };
    const stream = streams.find((each) => each.stream === 'dsp_conversions');
    expect(Object.keys(stream?.schema.properties ?? {})).toEqual(
      expect.arrayContaining([
        'account_id',
        'event_date',
        'campaign',
        'conversions',
        'execution_id',
      ]),
    );
  });
});
