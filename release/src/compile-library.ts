import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installedDependency } from './installed-package.ts';
import { run } from './run.ts';
import type { WorkspacePackage } from './workspace.ts';

/** Compiles a library's sources, without its tests, into the folder `dist` of its stage. */
export async function compileLibrary({ folder }: WorkspacePackage, stage: string): Promise<void> {
  const source = join(folder, 'src');
  const settings = join(stage, 'tsconfig.json');
  const text = {
    extends: join(folder, 'tsconfig.json'),
    include: [source],
    exclude: [join(source, '**/*.test.ts'), join(source, '**/testing')],
    compilerOptions: {
      noEmit: false,
      declaration: true,
      rootDir: source,
      outDir: join(stage, 'dist'),
      typeRoots: [join(folder, 'node_modules/@types')],
    },
  };
  writeFileSync(settings, JSON.stringify(text));
  const compiler = installedDependency('typescript', import.meta.dirname).folder;
  await run(process.execPath, [join(compiler, 'bin/tsc'), '-p', settings]);
}
