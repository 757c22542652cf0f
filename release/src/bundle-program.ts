import { isBuiltin } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import type { OutputChunk } from 'rolldown';
import { childEntries } from './child-entries.ts';
import { findInstalled } from './installed-package.ts';
import { isNative } from './native-packages.ts';
import { OLDEST_NODE } from './published-manifest.ts';
import { ReleaseError } from './release-error.ts';
import type { WorkspacePackage } from './workspace.ts';

export interface Bundle {
  /** Every file that went in. */
  readonly sources: readonly string[];
  /** Versions of the packages that the bundle imports and cannot hold. */
  readonly externals: Readonly<Record<string, string>>;
}

/** Bundles a program with its libraries into a folder, as `main.js` and what that imports. */
export async function bundleProgram(program: WorkspacePackage, folder: string): Promise<Bundle> {
  const native = new Map<string, string>();
  const bundle = await rolldown({
    input: { main: join(program.folder, 'src/main.ts') },
    platform: 'node',
    plugins: [childEntries()],
    external: (id, importer) => {
      const version = importer === undefined ? undefined : nativeVersion(id, importer);
      if (version !== undefined) native.set(packageName(id), version);
      return version !== undefined;
    },
    // What is written as modules first: of the rest, some require files in ways that no bundler sees.
    resolve: { mainFields: ['module', 'main'] },
    transform: { target: `node${OLDEST_NODE}` },
    onLog: (_level, { message }) => {
      throw new ReleaseError(`${program.manifest.name} does not bundle: ${message}`);
    },
  });
  const { output } = await bundle.write({
    dir: folder,
    format: 'esm',
    chunkFileNames: '[name]-[hash].js',
  });
  const chunks = output.filter((file) => file.type === 'chunk');
  for (const { code } of chunks) refuseFilesOutside(program, code);
  const externals = externalNames(chunks).map((name) => [name, native.get(name) ?? ''] as const);
  return {
    sources: chunks.flatMap(({ moduleIds }) => moduleIds).filter((id) => id.startsWith('/')),
    externals: Object.fromEntries(externals),
  };
}

/** What a bundle still requires by a path is a file that nobody will have. */
function refuseFilesOutside({ manifest }: WorkspacePackage, code: string): void {
  const [, path] = /\brequire\(["'](\.{1,2}\/[^"']+)["']\)/.exec(code) ?? [];
  if (path === undefined) return;
  throw new ReleaseError(
    `${manifest.name}: a library requires ${path} at run time, which the bundle does not hold: use another library, or another build of it.`,
  );
}

/** Version of the package that a specifier names, if it is another's and needs a platform's binaries. */
function nativeVersion(id: string, importer: string): string | undefined {
  if (/^[./\0]/.test(id) || isBuiltin(id)) return undefined;
  const installed = findInstalled(packageName(id), dirname(importer));
  if (installed === undefined || !installed.folder.includes('/node_modules/')) return undefined;
  return isNative(installed) ? installed.manifest.version : undefined;
}

function packageName(id: string): string {
  return id
    .split('/')
    .slice(0, id.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Of what the chunks import: neither one another, nor what is in Node. */
function externalNames(chunks: readonly OutputChunk[]): string[] {
  const own = new Set(chunks.map(({ fileName }) => fileName));
  const imported = chunks.flatMap((chunk) => [...chunk.imports, ...chunk.dynamicImports]);
  const outside = imported.filter((name) => !own.has(name) && !isBuiltin(name));
  return [...new Set(outside.map(packageName))].toSorted();
}
