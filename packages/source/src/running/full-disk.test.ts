import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Account } from '@traffic-events/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { LocalArchive } from '../archive/local-archive.ts';
import { outcomeOf } from './run-summary.ts';
import { dailyStream, hourlyStream } from '../streams/data-source-streams.ts';
import { narrowStream } from '../streams/narrow-stream.ts';
import { MemorySink } from '../testing/memory-sink.ts';
import { canMount, tinyDisk } from '../testing/tiny-disk.ts';
import { World } from '../testing/world.ts';

const dsp: Account = { kind: 'dsp', marketplace: 'DE', advertiserId: '584930219384756193' };
const narrow = narrowStream(dailyStream('dsp_clicks'), new Set(['campaign', 'clicks']));
const WIDE = 'dsp_impressions_hourly';
const streams = [hourlyStream('dsp_impressions') ?? narrow, narrow];
/** KiB: more than a narrow result takes, less than a wide one. */
const ROOM = 64;
const RANGE = { from: '2026-01-02', to: '2026-01-02' };

let sink: MemorySink;
let folder: string;
beforeEach(async () => {
  sink = new MemorySink();
  folder = await mkdtemp(join(tmpdir(), 'full-disk-test-'));
});
afterEach(() => rm(folder, { recursive: true }));

function world(now = '2026-01-03T06:00:00Z'): Promise<World> {
  return World.start({
    now,
    accounts: [dsp],
    startDate: '2026-01-01',
    streams,
    events: { kind: 'generated', seed: 7, fromDate: '2026-01-01', days: 2, eventsPerDay: 3000 },
  });
}

const streamsHeld = () => new Set([...sink.slices.keys()].map((key) => key.split(' ')[0]));

describe.skipIf(!canMount())('a disk without room', () => {
  it('fails the result that does not fit by folder, need and room, and takes it over later', async () => {
    await using here = await world();
    using disk = tinyDisk(ROOM);
    const summary = await here.run(sink, { directory: disk.folder });
    expect(streamsHeld()).toEqual(new Set(['dsp_clicks']));
    expect(outcomeOf(summary)).toBe('slicesFailed');
    expect(summary.failed.map(({ eventDate }) => eventDate).toSorted()).toEqual([
      '2026-01-01',
      '2026-01-02',
    ]);
    for (const { reason } of summary.failed) {
      expect(reason).toMatch(
        new RegExp(
          `^${disk.folder}/\\S+, which holds results while they are read, has no room \\(ENOSPC\\): \\d+ bytes are needed, \\d+ are free\\. Make room there, or have another folder used, which TMPDIR names`,
        ),
      );
    }
    here.moveTo('2026-01-03T18:00:00Z');
    const later = await here.run(sink, { range: { from: '2026-01-01', to: '2026-01-02' } });
    expect(later).toMatchObject({ adopted: 2, failed: [] });
    expect(streamsHeld()).toEqual(new Set(['dsp_clicks', WIDE]));
  });

  it('loads nothing that the archive cannot keep, and what it can keep', async () => {
    await using here = await world();
    // A narrow result takes a block for its description and one for its part.
    using disk = tinyDisk(8);
    const archive = new LocalArchive({ folder: join(disk.folder, 'archive') });
    const summary = await here.run(sink, { archive, range: RANGE });
    expect(streamsHeld()).toEqual(new Set(['dsp_clicks']));
    for (const { reason } of summary.failed) {
      expect(reason).toMatch(
        new RegExp(
          `^${disk.folder}/archive, which holds the archive, has no room \\(ENOSPC\\): \\d+ bytes are needed, \\d+ are free\\. Make room there, or name another folder as archive: nothing is loaded whose raw result is not kept`,
        ),
      );
    }
    const kept = new Set<string>();
    for await (const { execution_id } of archive.list()) kept.add(execution_id);
    for (const { copy } of sink.slices.values()) expect(kept).toContain(copy.executionId);
    here.moveTo('2026-01-03T18:00:00Z');
    const elsewhere = new LocalArchive({ folder });
    expect(await here.run(sink, { archive: elsewhere, range: RANGE })).toMatchObject({
      adopted: 1,
      failed: [],
    });
  });

  it('that is read-only is told as such', async () => {
    await using here = await world();
    using disk = tinyDisk(ROOM);
    disk.makeReadOnly();
    const summary = await here.run(sink, { archive: new LocalArchive({ folder: disk.folder }) });
    expect(sink.slices.size).toBe(0);
    expect(summary.failed).toHaveLength(4);
    expect(summary.failed[0]?.reason).toContain('which holds the archive, is read-only (EROFS)');
    await expect(here.run(new MemorySink(), { directory: disk.folder })).rejects.toThrow(
      `${disk.folder}, which holds results while they are read, is read-only (EROFS). Make room there, or set TMPDIR`,
    );
  });
});

it('an archive that cannot be written loses nothing: results wait at the API, and risks are told', async () => {
  await using here = await world('2026-01-31T12:00:00Z');
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const range = { from: '2026-01-01', to: '2026-01-02' };
  const summary = await here.run(sink, { archive: new LocalArchive({ folder: file }), range });
  expect(sink.slices.size).toBe(0);
  expect(summary.failed[0]?.reason).toContain(
    `${file}, which holds the archive, is no folder (ENOTDIR)`,
  );
  expect(summary.atRisk.length).toBeGreaterThan(0);
  expect(outcomeOf(summary)).toBe('dateAtRisk');
  const created = (await here.executions()).length;
  here.moveTo('2026-01-31T20:00:00Z');
  const cured = await here.run(sink, { archive: new LocalArchive({ folder }), range });
  expect(cured).toMatchObject({ created: 0, adopted: created, failed: [] });
  expect(sink.slices.size).toBe(created);
});
