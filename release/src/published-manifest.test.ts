import { describe, expect, it } from 'vitest';
import type { Manifest } from './manifest.ts';
import { libraryManifest, programManifest } from './published-manifest.ts';

const library = (manifest: Partial<Manifest>) => ({
  folder: '/repository/packages/one',
  directory: 'packages/one',
  manifest: { name: '@scope/one', version: '1.2.3', license: 'Apache-2.0', ...manifest },
});
const program = (manifest: Partial<Manifest>) => ({ ...library(manifest), command: 'one' });

describe("a library's package.json", () => {
  it('leads to what was built, with types, and keeps what serves tests to itself', () => {
    const one = library({
      exports: { '.': './src/index.ts', './testing': './src/deep/testing/index.ts' },
    });
    const published = libraryManifest(one, {}, {});
    expect(published).toMatchObject({ engines: { node: '>=22.19' }, files: ['dist'] });
    expect(published).toHaveProperty('exports', {
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
    });
  });

  it('has numbers where the workspace has a catalog, and the typings of what it depends on', () => {
    const one = library({
      dependencies: { pg: 'catalog:', '@scope/two': 'workspace:*' },
      optionalDependencies: { big: 'catalog:' },
      devDependencies: { '@types/pg': 'catalog:', '@types/node': 'catalog:', vitest: 'catalog:' },
    });
    const versions = { pg: '^8.1.0', '@scope/two': '1.2.3', '@types/pg': '^8.2.0', big: '^1.0.0' };
    expect(libraryManifest(one, versions, {})).toMatchObject({
      dependencies: { pg: '^8.1.0', '@scope/two': '1.2.3', '@types/pg': '^8.2.0' },
      optionalDependencies: { big: '^1.0.0' },
    });
    expect(libraryManifest(one, versions, {})).not.toHaveProperty('devDependencies');
  });

  it('can be published by a named workflow only, from the repository that the root names', () => {
    const repository = { type: 'git', url: 'git+https://example.com/repository.git' };
    expect(libraryManifest(library({}), {}, { repository })).toMatchObject({
      repository: { ...repository, directory: 'packages/one' },
      publishConfig: { access: 'public', provenance: true },
    });
    expect(libraryManifest(library({}), {}, {})).not.toHaveProperty('repository');
  });

  it('is refused where an export is no source file', () => {
    const one = library({ exports: { '.': './lib/index.js' } });
    expect(() => libraryManifest(one, {}, {})).toThrow(
      '@scope/one: exports: expected a file such as ./src/index.ts, got ./lib/index.js',
    );
  });
});

describe("a program's package.json", () => {
  it('needs what the program itself names, and offers what only some commands use', () => {
    const one = program({ dependencies: { named: 'catalog:' }, files: ['dist', 'example.yaml'] });
    expect(programManifest(one, { named: '1.0.0', offered: '2.0.0' }, {})).toMatchObject({
      bin: { one: 'dist/one.js' },
      dependencies: { named: '1.0.0' },
      optionalDependencies: { offered: '2.0.0' },
      files: ['dist', 'example.yaml'],
    });
  });
});
