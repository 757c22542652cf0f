import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT_CODE_MEANINGS } from '@traffic-events/program';
import { describe, expect, test } from 'vitest';
import { run } from '../e2e/programs.ts';

const PAGE = readFileSync(resolve(import.meta.dirname, '../../docs/operations.md'), 'utf8');

test('docs/operations.md says what each exit code asks for', () => {
  const [, table = ''] = PAGE.split('| code | meaning | do |\n| --- | --- | --- |\n');
  const rows = table.slice(0, table.indexOf('\n\n')).split('\n');
  const documented = rows.map((row) =>
    row
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, 3),
  );
  expect(documented).toEqual(EXIT_CODE_MEANINGS);
});

const COMMANDS = ['sync', 'check', 'query', 'status', 'init', 'simulate', 'rebuild', 'views'];

describe('--help lists every exit code', () => {
  test.each([
    ['tap-traffic-events', []],
    ['target-postgres', []],
    ['target-bigquery', []],
    ['traffic-events', []],
    ...COMMANDS.map((command): [string, string[]] => ['traffic-events', [command]]),
  ])('%s %j', async (program, command) => {
    const { code, stdout } = await run(program, [...command, '--help']);
    expect(code).toBe(0);
    for (const [exitCode, meaning] of EXIT_CODE_MEANINGS) {
      expect(stdout).toMatch(new RegExp(`^  ${exitCode} +${meaning}$`, 'm'));
    }
  });
});
