/** `npm run release -- FOLDER`: every tarball and wheel, in FOLDER. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildRelease } from './build-release.ts';
import type { ReleaseOptions } from './build-release.ts';
import { ReleaseError } from './release-error.ts';

async function main(args: readonly string[]): Promise<void> {
  const options = readArguments(args);
  const { files, withoutWheel } = await buildRelease(options);
  const lines = [
    `In ${options.folder}:`,
    ...files.map((name) => `  ${name}`),
    ...withoutWheel.map((reason) => `No wheel of ${reason}.`),
    'Nothing is published: docs/releasing.md says how.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function readArguments(args: readonly string[]): ReleaseOptions {
  const { positionals, values } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { 'no-wheels': { type: 'boolean' } },
  });
  const [folder, ...more] = positionals;
  if (folder === undefined || more.length > 0) {
    throw new ReleaseError(
      'Name the folder for the tarballs and wheels: npm run release -- FOLDER [--no-wheels]',
    );
  }
  // npm starts a script in the package's folder, wherever it is called.
  const from = process.env['RELEASE_FROM'] ?? '.';
  return { folder: resolve(from, folder), hasWheels: values['no-wheels'] !== true };
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ReleaseError ? 2 : 1;
}
