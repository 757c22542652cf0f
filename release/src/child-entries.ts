import { dirname, extname, join } from 'node:path';
import type { Plugin } from 'rolldown';

/** How our sources name a file beside them that runs as a process of its own. */
const BESIDE = /new URL\(`\.\/([\w-]+)\$\{extname\(import\.meta\.url\)\}`, import\.meta\.url\)/g;

/**
 * Builds the files that run as processes of their own: nothing imports them, so that a bundler would
 * leave them out. They lie beside the bundle, where the same expression finds them.
 */
export function childEntries(): Plugin {
  return {
    name: 'child-entries',
    transform(code, id) {
      for (const [, name] of code.matchAll(BESIDE)) {
        const file = join(dirname(id), `${name}${extname(id)}`);
        this.emitFile({ type: 'chunk', id: file, fileName: `${name}.js` });
      }
    },
  };
}
