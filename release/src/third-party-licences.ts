import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageOfFile } from './installed-package.ts';
import type { InstalledPackage } from './installed-package.ts';
import type { Manifest } from './manifest.ts';
import { ReleaseError } from './release-error.ts';

/** Licences under which others' code may be handed on within ours. */
const PERMISSIVE = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'Unlicense',
]);

/** The text that names whose code is in a bundle, with the licence of each. */
export function thirdPartyLicences(sources: readonly string[]): string {
  const others = new Map<string, InstalledPackage>();
  for (const source of sources) {
    if (!source.includes('/node_modules/')) continue;
    const installed = packageOfFile(source);
    others.set(`${installed.manifest.name} ${installed.manifest.version}`, installed);
  }
  const parts = [...others.keys()].toSorted().map((title) => {
    const { manifest, folder } = others.get(title) as InstalledPackage;
    return `${title}: ${permissiveLicence(manifest)}\n\n${licenceText(folder)}`;
  });
  return `This program contains the following packages.\n\n${parts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

/** The licence that a package names, or one of those that it offers. */
export function permissiveLicence({ name, license, licenses = [] }: Manifest): string {
  const single = typeof license === 'object' ? license.type : license;
  const expression = single ?? licenses.map(({ type }) => type).join(' OR ');
  const offered = expression.replaceAll(/[()]/g, '').split(' OR ');
  const chosen = offered.find((each) => each.split(' AND ').every((id) => PERMISSIVE.has(id)));
  if (chosen !== undefined) return chosen;
  throw new ReleaseError(
    `${name} has the licence ${JSON.stringify(expression)}, which may not go into a bundle: use another package.`,
  );
}

function licenceText(folder: string): string {
  const files = readdirSync(folder).filter((name) => /^(licen[cs]e|copying|notice)/i.test(name));
  const texts = files.map((name) => readFileSync(join(folder, name), 'utf8').trim());
  return texts.length === 0 ? '(The package brings no text of it.)\n' : `${texts.join('\n\n')}\n`;
}
