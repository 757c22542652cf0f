import { expect, it } from 'vitest';
import { permissiveLicence } from './third-party-licences.ts';

const PACKAGE = { name: 'other', version: '1.0.0' };

it.each([
  [{ license: 'MIT' }, 'MIT'],
  [{ license: '(GPL-3.0 OR MIT)' }, 'MIT'],
  [{ license: 'MIT AND ISC' }, 'MIT AND ISC'],
  [{ license: { type: 'BSD-3-Clause' } }, 'BSD-3-Clause'],
  [{ licenses: [{ type: 'AGPL-3.0' }, { type: 'Apache-2.0' }] }, 'Apache-2.0'],
])('%j may go into a bundle', (manifest, licence) => {
  expect(permissiveLicence({ ...PACKAGE, ...manifest })).toBe(licence);
});

it.each([{ license: 'AGPL-3.0-only' }, { license: 'MIT AND GPL-3.0' }, { licenses: [] }, {}])(
  '%j may not',
  (manifest) => {
    expect(() => permissiveLicence({ ...PACKAGE, ...manifest })).toThrow(/^other has the licence/);
  },
);
