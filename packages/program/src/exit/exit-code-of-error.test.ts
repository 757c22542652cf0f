import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { NOTHING_DONE } from '@traffic-events/source/testing';
import { describe, expect, it, test } from 'vitest';

import { exitCodeOfError } from './exit-code-of-error.ts';
import { EXIT } from './exit-code.ts';
import { RunFailedError } from '../extraction/run-failed-error.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
/** Errors that only a mistake in this project can cause. */
const FAULTS = ['sink_not_open'];

const withCode = (code: string) => Object.assign(new Error('it went wrong'), { code });

interface ErrorInSource {
  readonly file: string;
  readonly code: string;
  /** Undefined where it does not say what to do. */
  readonly action: string | undefined;
}

const ACTION = String.raw`readonly action = '(?<action>\w+)'`;
const CLASS_FIELDS = new RegExp(
  String.raw`readonly code = '(?<code>\w+)'.*;(?:\s+${ACTION})?`,
  'g',
);
const OPTIONS = /\bcode: '(?<code>\w+)',\s*(?:action: '(?<action>\w+)'|\.\.\.options)/g;

/** Every error with a `code` in the sources of programs and packages. */
function errorsInSources(): ErrorInSource[] {
  const files = globSync('{packages,apps}/*/src/**/*.ts', { cwd: ROOT }).filter(
    (file) => !/\.test\.ts$|\/testing\//.test(file),
  );
  return files.flatMap((file) => {
    const text = readFileSync(resolve(ROOT, file), 'utf8');
    return [...text.matchAll(CLASS_FIELDS), ...text.matchAll(OPTIONS)].map(
      ({ 0: found, groups }) => ({
        file,
        code: groups?.['code'] ?? '',
        action: found.includes('...options') ? 'told at the throw' : groups?.['action'],
      }),
    );
  });
}

test('every error of the project has an exit code of its own, and a fault is said of nothing else', () => {
  const codes = [...new Set(errorsInSources().map(({ code }) => code))].sort();
  expect(codes.length).toBeGreaterThan(40);
  const faults = codes.filter((code) => exitCodeOfError(withCode(code)) === EXIT.fault);
  expect(faults).toEqual(FAULTS);
});

test('every error has its code in one style, and says what to do about it', () => {
  const others = errorsInSources().filter(
    ({ code, action }) => action === undefined || !/^[a-z]+(?:_[a-z]+)*$/.test(code),
  );
  expect(others).toEqual([]);
});

describe('the exit code of an error', () => {
  it.each([
    ['access_denied', 8],
    ['sql_refused', 8],
    ['query_failed', 8],
    ['request_refused', 8],
    ['clock_skew', 8],
    ['connection', 8],
    ['credentials_refused', 3],
    ['config_invalid', 2],
    ['invalid_settings', 2],
    ['warehouse_connection', 4],
    ['lease_busy', 7],
    ['record', 5],
    ['ENOSPC', 5],
  ])('%s is %i', (code, exitCode) => {
    expect(exitCodeOfError(withCode(code))).toBe(exitCode);
  });

  it('of wrong arguments is 2, and of --help 0', () => {
    const unknown = Object.assign(withCode('commander.unknownOption'), { exitCode: 1 });
    const help = Object.assign(withCode('commander.helpDisplayed'), { exitCode: 0 });
    expect(exitCodeOfError(unknown)).toBe(2);
    expect(exitCodeOfError(help)).toBe(0);
  });

  it.each([
    ['warehouse_connection', 6],
    ['clock_skew', 6],
    ['lease_busy', 6],
    ['credentials_refused', 3],
  ])('of a run that broke off with %s while dates are at risk is %i', (code, exitCode) => {
    const slice = { stream: 'dsp_clicks', accountId: 'DE:dsp:1', eventDate: '2026-01-01' };
    const error = new RunFailedError(withCode(code), { ...NOTHING_DONE, atRisk: [slice] });
    expect(exitCodeOfError(error)).toBe(exitCode);
    expect(error.message).toBe(
      'it went wrong\nAt risk, less than 48 hours remain; run again soon:\n  dsp_clicks DE:dsp:1 2026-01-01',
    );
    const without = new RunFailedError(withCode(code), NOTHING_DONE);
    expect(exitCodeOfError(without)).toBe(exitCodeOfError(withCode(code)));
  });

  it('of what nobody foresaw is 1', () => {
    expect(exitCodeOfError(new TypeError('x is not a function'))).toBe(1);
    expect(exitCodeOfError('thrown text')).toBe(1);
    expect(exitCodeOfError(withCode('constructor'))).toBe(1);
  });
});
