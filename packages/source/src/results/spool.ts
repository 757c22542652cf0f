import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { onDisk } from '@traffic-events/client';

/** Makes a folder for raw results that are on their way. Throws DiskError. */
export function makeSpool(parent: string, prefix: string): Promise<string> {
  const place = {
    folder: parent,
    purpose: 'results while they are read',
    cure: 'Make room there, or set TMPDIR to another folder.',
  };
  return onDisk(place, () => mkdtemp(join(parent, prefix)));
}
