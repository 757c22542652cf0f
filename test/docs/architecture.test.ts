import { existsSync, globSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(resolve(ROOT, path), 'utf8');
const PAGE = read('docs/architecture.md').replaceAll(/^```[^]*?^```$/gm, '');

/** Cells of the rows of the table under a head. */
function table(head: string): string[][] {
  const [, text] = PAGE.split(`${head}\n`);
  expect(text, `docs/architecture.md has no table ${head}`).toBeDefined();
  const rows = text?.split('\n\n')[0]?.split('\n').slice(1) ?? [];
  return rows.map((row) => row.split(' | ').map((cell) => cell.replaceAll(/^\| | \|$/g, '')));
}

const pathsIn = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, path = '']) => path);

function importsOf(folder: string): string[] {
  const { dependencies, devDependencies } = JSON.parse(read(`${folder}/package.json`)) as {
    readonly dependencies?: object;
    readonly devDependencies?: object;
  };
  const all = folder.startsWith('apps/')
    ? { ...dependencies }
    : { ...dependencies, ...devDependencies };
  const names = folder.startsWith('packages/') ? Object.keys(dependencies ?? {}) : Object.keys(all);
  return names.flatMap((name) => name.split('@traffic-events/')[1] ?? []).sort();
}

describe('the packages', () => {
  const rows = table('| package | what it is | imports |').filter(
    ([names]) => !['`test`', '`release`'].includes(names ?? ''),
  );

  test('are all of them', () => {
    const named = rows.flatMap(([names = '']) => pathsIn(names));
    const there = ['packages', 'apps'].flatMap((parent) =>
      readdirSync(resolve(ROOT, parent)).map((name) => `${parent}/${name}`),
    );
    expect(named.sort()).toEqual(there.sort());
  });

  test.each(
    rows.flatMap(([names = '', , imports = '']) => pathsIn(names).map((name) => [name, imports])),
  )('%s imports %s', (name = '', imports = '') => {
    const said = imports === 'nothing of ours' ? [] : imports.split(', ');
    expect(importsOf(name)).toEqual(said);
  });
});

test('no source reaches into another package but by its name', () => {
  const sources = globSync('{packages,apps}/*/src/**/*.ts', { cwd: ROOT });
  const reaching = sources.flatMap((file) => {
    const own = `${file.split('/').slice(0, 2).join('/')}/`;
    return [...read(file).matchAll(/(?:from|import\()\s*'(\.[^']*)'/g)]
      .map(([, path = '']) => relative(ROOT, resolve(ROOT, dirname(file), path)))
      .filter((path) => !path.startsWith(own))
      .map((path) => `${file} imports ${path}`);
  });
  expect(sources.length).toBeGreaterThan(500);
  expect(reaching).toEqual([]);
});

test('every folder of sources is on the map, and nothing else is', () => {
  const mapped = table('| folder | what it has |').flatMap(([names = '']) => pathsIn(names));
  const folders = readdirSync(resolve(ROOT, 'packages')).flatMap((name) =>
    readdirSync(resolve(ROOT, 'packages', name, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'testing')
      .map((entry) => `packages/${name}/src/${entry.name}`),
  );
  expect(mapped.sort()).toEqual(folders.sort());
});

test('every path that the page names is there', () => {
  const paths = pathsIn(PAGE).filter((path) => /^(?:packages|apps|test|docs)\/[^*]*$/.test(path));
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => !existsSync(resolve(ROOT, path)))).toEqual([]);
});

test('the machine is asked for its own time where the page says so, and nowhere else', () => {
  const MACHINE =
    /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(|\bset(?:Timeout|Interval)\(|\bhrtime\b/;
  const asking = globSync('{packages,apps}/*/src/**/*.ts', { cwd: ROOT })
    .filter((file) => !/\.(?:test|contract)\.ts$|\/testing\/|^packages\/simulator\//.test(file))
    .filter((file) => MACHINE.test(read(file)));
  const told = table('| file | what for |').flatMap(([names = '']) => pathsIn(names));
  expect(asking.sort()).toEqual(told.sort());
});
