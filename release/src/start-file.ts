import { OLDEST_NODE } from './published-manifest.ts';

const [OLDEST_MAJOR = '', OLDEST_MINOR = ''] = OLDEST_NODE.split('.');

/** The file that a command starts: it says so where Node is too old, instead of failing on some line. */
export function startFile(command: string): string {
  return `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < ${OLDEST_MAJOR} || (major === ${OLDEST_MAJOR} && minor < ${OLDEST_MINOR})) {
  process.stderr.write(
    \`${command} needs Node ${OLDEST_NODE} or later, and this is \${process.version}: install a newer Node.\\n\`,
  );
  process.exitCode = 2;
} else {
  await import('./main.js');
}
`;
}
