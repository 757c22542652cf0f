import { expect, test } from 'vitest';
import { aboutJson, aboutText } from './about.ts';
import { parseJson } from './parse-json.ts';
import { readSettings } from './settings.ts';

const definitions = {
  host: { kind: 'string', description: 'Host of the server.', default: 'localhost' },
  port: { kind: 'integer', description: 'Port.', default: 5432 },
  password: { kind: 'string', description: 'Password.', required: true, secret: true },
  ssl: { kind: 'boolean', description: 'Use TLS.', default: false },
  method: { kind: 'string', description: 'How.', allowed: ['append', 'upsert'] },
  accounts: { kind: 'array', description: 'Accounts.' },
} as const;

test('texts become what they mean, and the environment wins', () => {
  const settings = readSettings(definitions, {
    program: 'target-postgres',
    config: { port: '5433', ssl: 'False', password: 'p', accounts: '[{"a":1}]', method: null },
    env: { TARGET_POSTGRES_HOST: 'db', TARGET_POSTGRES_SSL: 'true', HOST: 'wrong' },
  });
  expect(settings).toEqual({
    host: 'db',
    port: 5433,
    password: 'p',
    ssl: true,
    method: undefined,
    accounts: [{ a: 1 }],
  });
});

const readWith = (config: object, env: Record<string, string>) =>
  readSettings(definitions, {
    program: 'target-postgres',
    config: { password: 'p', ...config },
    env,
  });

test('keep every digit, also of what stands as text in the environment', () => {
  const accounts = '[{"id":590122334455667788}]';
  const fromText = readWith({}, { TARGET_POSTGRES_ACCOUNTS: accounts }).accounts;
  expect(JSON.stringify(fromText)).toBe(accounts);
  const password = parseJson('{"password":123456789012345678901234}') as object;
  expect(readWith(password, {}).password).toBe('123456789012345678901234');
});

function readMistakes() {
  return readSettings(
    { ...definitions, secret_port: { kind: 'integer', description: '', secret: true } },
    {
      program: 'target-postgres',
      source: 't.json',
      config: { port: 'many', method: 'merge', hots: 1, secret_port: 'hunter2' },
    },
  );
}

test('every problem is listed, with the key and what is expected, and no secret', () => {
  expect(readMistakes).toThrow('port: expected a whole number, got "many".');
  expect(readMistakes).toThrow('method: expected one of append, upsert, got "merge".');
  expect(readMistakes).toThrow('hots: not a setting of target-postgres. Known: host, port,');
  expect(readMistakes).toThrow(
    'password: expected text, but it is missing. Set it in t.json or as TARGET_POSTGRES_PASSWORD.',
  );
  expect(readMistakes).toThrow(
    'secret_port: expected a whole number, got something else (not shown',
  );
  expect(readMistakes).not.toThrow('hunter2');
});

const isEnabled = (value: unknown) =>
  Object.entries(value as object)
    .flat()
    .includes(true);

test.each([
  ['{"password":"p","__proto__":"x"}', '__proto__: not a setting of target-postgres.'],
  ['{"password":"p","tunnel.enable":true,"tunnel":{}}', 'tunnel: none are made here.'],
  ['{"password":"p","tunnel":{"enable":true},"tunnel.port":22}', 'tunnel: none are made here.'],
])('beside settings of another program nothing is lost: %s', (text, problem) => {
  const foreign = { tunnel: { refused: 'none are made here.', concerns: isEnabled } };
  const config = JSON.parse(text) as Record<string, unknown>;
  expect(() => readSettings(definitions, { program: 'target-postgres', config, foreign })).toThrow(
    problem,
  );
});

test('--about names settings, defaults and variables', () => {
  const program = {
    name: 'target-postgres',
    description: 'd',
    version: '1.0.0',
    capabilities: ['about'],
    settings: definitions,
  };
  expect(aboutText(program)).toContain('TARGET_POSTGRES_PASSWORD');
  expect(aboutText(program)).toContain('port (integer, default 5432)');
  expect(aboutJson(program)).toMatchObject({
    settings: {
      required: ['password'],
      properties: { password: { type: ['string'], secret: true }, port: { default: 5432 } },
    },
  });
});
