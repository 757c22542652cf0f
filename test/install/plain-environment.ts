import { mkdirSync, symlinkSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * An environment as a user has it: nothing of the workspace is found in it, neither programs by PATH
 * nor packages by NODE_PATH, and `node` is the one that the tests run on.
 */
export function plainEnvironment(folder: string): NodeJS.ProcessEnv {
  const node = join(folder, 'node');
  mkdirSync(node);
  symlinkSync(process.execPath, join(node, 'node'));
  const path = (process.env['PATH'] ?? '').split(delimiter);
  const others = path.filter((entry) => !entry.includes('node_modules'));
  return { PATH: [node, ...others].join(delimiter), NODE_PATH: undefined, NODE_OPTIONS: undefined };
}

/** As `plainEnvironment`, where there is no Node at all. */
export function environmentWithoutNode(bin: string): NodeJS.ProcessEnv {
  return { PATH: bin, NODE_PATH: undefined, NODE_OPTIONS: undefined };
}
