/**
 * What `npm pack` must say about the package is not what the workspace runs on: there, exports lead
 * to the sources and versions come from the catalog, which npm does not know. `write` puts the
 * published manifest in place before packing, `restore` takes it away again.
 */
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly publishConfig: { readonly exports: unknown };
  readonly [key: string]: unknown;
}

const folder = path.join(import.meta.dirname, '..');
const manifestPath = path.join(folder, 'package.json');
const keptPath = path.join(folder, 'dist', 'package.workspace.json');

async function readManifest(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(file, 'utf8')) as Manifest;
}

async function published(manifest: Manifest): Promise<object> {
  const own = new Set(['private', 'publishConfig', 'scripts', 'devDependencies']);
  const kept = Object.entries(manifest).filter(([key]) => !own.has(key));
  const versions = await Promise.all(
    Object.keys(manifest.dependencies).map(async (name) => {
      const installed = path.join(folder, 'node_modules', name, 'package.json');
      return [name, `^${String((await readManifest(installed))['version'])}`] as const;
    }),
  );
  return {
    ...Object.fromEntries(kept),
    exports: manifest.publishConfig.exports,
    dependencies: Object.fromEntries(versions),
  };
}

if (process.argv[2] === 'restore') {
  await rename(keptPath, manifestPath);
} else {
  const manifest = await readManifest(manifestPath);
  await copyFile(manifestPath, keptPath);
  await writeFile(manifestPath, `${JSON.stringify(await published(manifest), null, 2)}\n`);
}
