import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { run } from '../e2e/programs.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const PAGES = globSync(
  ['README.md', 'docs/*.md', 'packages/*/README.md', 'apps/*/README.md', 'examples/*/*'],
  { cwd: ROOT },
);
const LINE =
  /(?<![-\w/@.])(traffic-events|tap-traffic-events|target-postgres|target-bigquery)((?: +(?:[a-z]+|--[a-z][-a-z]*|[\w./,:-]+))+)/g;
const COMMANDS =
  'init login check sync backfill rebuild status serve verify state account doctor views query simulate demo'.split(
    ' ',
  );

const COMMANDS_OF_COMMANDS = new Set(['state', 'account']);

interface CommandLine {
  readonly page: string;
  readonly program: string;
  readonly command: readonly string[];
  readonly options: readonly string[];
}

/** Every call of a program on a page that names an option or a command. */
function commandLines(page: string): CommandLine[] {
  const text = readFileSync(resolve(ROOT, page), 'utf8').replaceAll('\\\n', ' ');
  return [...text.matchAll(LINE)].flatMap(([, program = '', rest = '']) => {
    const words = rest.trim().split(/ +/);
    const [name = ''] = words;
    const depth = COMMANDS_OF_COMMANDS.has(name) ? 2 : 1;
    const command = COMMANDS.includes(name) ? words.slice(0, depth) : [];
    const options = words.filter((word) => word.startsWith('--'));
    const isCall = program === 'traffic-events' ? command.length > 0 : options.length > 0;
    return isCall ? [{ page, program, command, options }] : [];
  });
}

const lines = PAGES.flatMap(commandLines);
const calls = Map.groupBy(lines, ({ program, command }) => [program, ...command].join(' '));

test('the pages show how to call every program', () => {
  expect([...calls.keys()]).toEqual(
    expect.arrayContaining([
      'tap-traffic-events',
      'target-postgres',
      'target-bigquery',
      'traffic-events sync',
      'traffic-events simulate',
    ]),
  );
});

describe('every option on the pages exists', () => {
  test.each([...calls])('%s', async (call, uses) => {
    const [program = '', ...command] = call.split(' ');
    const { stdout } = await run(program, [...command, '--help']);
    for (const { page, options } of uses) {
      for (const option of options) {
        expect(stdout, `${page}: ${call} ${option}`).toMatch(
          new RegExp(`^ +(-.., )?${option}\\b`, 'm'),
        );
      }
    }
  });
});
