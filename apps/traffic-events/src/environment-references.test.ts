import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { withEnvironment } from './environment-references.ts';

const folder = mkdtempSync(join(tmpdir(), 'traffic-events-references-'));
const secret = join(folder, 'secret');
writeFileSync(secret, 'of the file\n');
afterAll(() => rmSync(folder, { recursive: true }));

const read = (text: string, environment: NodeJS.ProcessEnv) =>
  withEnvironment({ key: [text] }, 'c.yaml', environment);

describe('a reference to the environment', () => {
  test.each<[string, NodeJS.ProcessEnv, string]>([
    ['${NAME}', { NAME: 'value' }, 'value'],
    ['a ${NAME} b', { NAME: 'value' }, 'a value b'],
    ['${NAME}', { NAME_FILE: secret }, 'of the file'],
    ['${NAME}', { NAME: '', NAME_FILE: secret }, 'of the file'],
    ['${NAME:-other}', {}, 'other'],
    ['${NAME:-}', { NAME: '' }, ''],
    ['${NAME:-other}', { NAME: 'value' }, 'value'],
  ])('%s with %j is %j', (text, environment, value) => {
    expect(read(text, environment)).toEqual({ key: [value] });
  });

  test.each<[NodeJS.ProcessEnv, string]>([
    [{}, 'c.yaml: key[0]: the environment variable NAME is not set. '],
    [{ NAME: '' }, 'c.yaml: key[0]: the environment variable NAME is empty. '],
    [{ NAME: 'a', NAME_FILE: secret }, 'c.yaml: key[0]: both NAME and NAME_FILE are set.'],
    [{ NAME_FILE: '/none/such' }, 'c.yaml: key[0]: NAME_FILE is "/none/such", which cannot be'],
  ])('with %j it is a wrong configuration', (environment, message) => {
    expect(() => read('${NAME}', environment)).toThrow(message);
  });
});
