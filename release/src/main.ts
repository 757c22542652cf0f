/** `npm run release -- FOLDER`: every tarball and wheel, in FOLDER. */
import { resolve } from 'node:path';
import { buildRelease } from './build-release.ts';
import { ReleaseError } from './release-error.ts';

async function main([folder, ...more]: readonly string[]): Promise<void> {
  if (folder === undefined || more.length > 0) {
    throw new ReleaseError(
      'Name the folder for the tarballs and wheels: npm run release -- FOLDER',
    );
  }
  // npm starts a script in the package's folder, wherever it is called.
  const destination = resolve(process.env['RELEASE_FROM'] ?? '.', folder);
  const { files, withoutWheel } = await buildRelease(destination);
  const lines = [
    `In ${destination}:`,
    ...files.map((name) => `  ${name}`),
    ...withoutWheel.map((reason) => `No wheel of ${reason}.`),
    'Nothing is published: docs/releasing.md says how.',
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`release: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = error instanceof ReleaseError ? 2 : 1;
}
