import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ReleaseError } from './release-error.ts';
import type { ProgramPackage } from './workspace.ts';

/** The flags that the workspace's launcher of a program gives to Node. */
export function nodeFlags({ folder, manifest, command }: ProgramPackage): string[] {
  const launcher = join(folder, manifest.bin?.[command] ?? '');
  const [, flags] = /^exec "[^"]+\/node" (.*)"\$app\//m.exec(readFileSync(launcher, 'utf8')) ?? [];
  if (flags !== undefined) return flags.split(' ').filter((flag) => flag !== '');
  throw new ReleaseError(
    `${launcher}: expected a line: exec "…/node" FLAGS "$app/src/main.ts" "$@"`,
  );
}
