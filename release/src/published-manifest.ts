import type { Manifest } from './manifest.ts';
import { ReleaseError } from './release-error.ts';
import type { ProgramPackage, WorkspacePackage } from './workspace.ts';

/** The oldest Node that runs a release: what undici, the HTTP client, asks for. */
export const OLDEST_NODE = '22.19';

type Versions = Readonly<Record<string, string>>;

/** What a package.json may say of where its sources are; npm's provenance holds it to that. */
type Origin = Pick<Manifest, 'repository'>;

/**
 * The package.json of a library's tarball. In the workspace exports lead to the sources and versions
 * come from a catalog that npm does not know; here they lead to what was built, and are numbers.
 */
export function libraryManifest(
  { manifest, directory }: WorkspacePackage,
  versions: Versions,
  origin: Origin,
): object {
  const withVersions = (names: Versions = {}) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, versionOf(name, versions)]));
  return {
    ...commonFields(manifest, directory, origin),
    ...(manifest.sideEffects !== undefined && { sideEffects: manifest.sideEffects }),
    exports: publishedExports(manifest),
    files: ['dist'],
    dependencies: { ...withVersions(manifest.dependencies), ...withVersions(typings(manifest)) },
    optionalDependencies: withVersions(manifest.optionalDependencies),
  };
}

/** Declarations of dependencies that bring none: those of the library speak of them. */
export function typings({ dependencies = {}, devDependencies = {} }: Manifest): Versions {
  const isTyping = (name: string) =>
    name.startsWith('@types/') && dependencies[name.replace('@types/', '')] !== undefined;
  return Object.fromEntries(Object.entries(devDependencies).filter(([name]) => isTyping(name)));
}

/**
 * The package.json of a program's tarball. Its libraries are in it, at the versions it was tested
 * with; what a bundle cannot hold is a dependency: a needed one where the program itself names it,
 * else an optional one, which only some commands use.
 */
export function programManifest(
  { manifest, directory, command }: ProgramPackage,
  externals: Versions,
  origin: Origin,
): object {
  const isNeeded = (name: string) => manifest.dependencies?.[name] !== undefined;
  const some = (wanted: (name: string) => boolean) =>
    Object.fromEntries(Object.entries(externals).filter(([name]) => wanted(name)));
  return {
    ...commonFields(manifest, directory, origin),
    bin: { [command]: `dist/${command}.js` },
    exports: { './package.json': './package.json' },
    files: ['dist', ...dataFiles(manifest)],
    dependencies: some(isNeeded),
    optionalDependencies: some((name) => !isNeeded(name)),
  };
}

/** Files that a program reads from its own folder at run time. */
export function dataFiles({ files = [] }: Manifest): string[] {
  return files.filter((name) => name !== 'dist');
}

function commonFields(
  { name, version, description, license }: Manifest,
  directory: string,
  { repository }: Origin,
) {
  return {
    name,
    version,
    description,
    license,
    ...(repository !== undefined && { repository: { ...repository, directory } }),
    type: 'module',
    engines: { node: `>=${OLDEST_NODE}` },
    publishConfig: { access: 'public', provenance: true },
  };
}

/** Entries that serve tests stay in the workspace. */
function publishedExports({ name, exports = {} }: Manifest): object {
  const entries = Object.entries(exports).filter(([, source]) => !source.includes('/testing/'));
  return Object.fromEntries(entries.map(([entry, source]) => [entry, builtEntry(name, source)]));
}

function builtEntry(name: string, source: string): object {
  const [, path] = /^\.\/src\/(.+)\.ts$/.exec(source) ?? [];
  if (path === undefined) {
    throw new ReleaseError(
      `${name}: exports: expected a file such as ./src/index.ts, got ${source}`,
    );
  }
  return { types: `./dist/${path}.d.ts`, default: `./dist/${path}.js` };
}

function versionOf(name: string, versions: Versions): string {
  const version = versions[name];
  if (version === undefined) throw new ReleaseError(`no version of ${name} is known`);
  return version;
}
