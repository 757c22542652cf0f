import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { envLine, setEnvLines } from './env-lines.ts';

const folder = mkdtempSync(join(tmpdir(), 'traffic-events-env-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a .env file', () => {
  test('keeps what else it has, and becomes readable for its owner alone', () => {
    const path = join(folder, 'there.env');
    writeFileSync(path, "# mine\nexport TOKEN='old'\nOTHER=1 # why\nTOKEN=older\nEND=x", {
      mode: 0o644,
    });
    setEnvLines(path, { TOKEN: 'Atzr|new', END: undefined, ENDS: '2027-01-31' });
    const text = readFileSync(path, 'utf8');
    expect(text).toBe("# mine\nTOKEN='Atzr|new'\nOTHER=1 # why\nENDS=2027-01-31\n");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is made where there is none', () => {
    const path = join(folder, 'new.env');
    setEnvLines(path, { TOKEN: 'Atzr|new' });
    expect(parseEnv(readFileSync(path, 'utf8'))).toEqual({ TOKEN: 'Atzr|new' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('names the file that cannot be written', () => {
    expect(() => setEnvLines(join(folder, 'none', '.env'), { A: 'b' })).toThrow(
      /none\/\.env cannot be written \(ENOENT\)/,
    );
  });
});

test.each(['plain', 'Atzr|a b#c', "it's", 'say "so"', '$HOME', ''])('%j is read back', (value) => {
  expect(parseEnv(envLine('NAME', value))).toEqual({ NAME: value });
});

test('what no line can hold is refused without being shown', () => {
  expect(() => envLine('NAME', `'hidden"`)).toThrow(/^((?!hidden).)*NAME_FILE\.$/s);
});
