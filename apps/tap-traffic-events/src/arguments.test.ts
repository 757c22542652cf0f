import { describe, expect, it } from 'vitest';

import { parseArguments } from './arguments.ts';

describe('the arguments of the tap', () => {
  it('take several configs and the old name of the catalog', () => {
    const argv = ['--config', 'a.json', '--config', 'b.json', '--properties', 'c.json'];
    expect(parseArguments(argv, '1.0.0')).toMatchObject({
      config: ['a.json', 'b.json'],
      catalog: 'c.json',
      discover: false,
      about: false,
      format: 'text',
    });
  });
});
