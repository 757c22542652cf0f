import { findInstalled } from './installed-package.ts';
import type { InstalledPackage } from './installed-package.ts';

/**
 * Whether a package needs binaries of one platform, itself or in what it depends on. Such a package
 * cannot be part of a bundle, which is the same file everywhere.
 */
export function isNative(installed: InstalledPackage, seen: Set<string> = new Set()): boolean {
  const { folder, manifest } = installed;
  if (manifest.os !== undefined || manifest.cpu !== undefined) return true;
  if (seen.has(folder)) return false;
  seen.add(folder);
  const names = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies });
  return names.some((name) => {
    const dependency = findInstalled(name, folder);
    return dependency !== undefined && isNative(dependency, seen);
  });
}
