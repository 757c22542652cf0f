import { expect, test } from 'vitest';
import type { Calendar } from '../status/calendar.ts';
import { standingStrip } from './standing-strip.ts';

const RANGE = { from: '2026-01-01', to: '2026-01-10' };

/** How each date of a strip is painted: what is drawn later lies above. */
async function paintedBy(calendar: Calendar): Promise<(string | undefined)[]> {
  const painted = Array.from({ length: 10 }, (): string | undefined => undefined);
  const svg = String(await standingStrip(calendar, RANGE));
  for (const [, standing, path = ''] of svg.matchAll(/<path class="(\w+)" d="([^"]+)"/g)) {
    let at = 0;
    for (const [, gap, length] of path.matchAll(/m(\d+) 0h(\d+)/g)) {
      at += Number(gap);
      painted.fill(standing, at, at + Number(length));
      at += Number(length);
    }
  }
  return painted;
}

const span = (from: number, to: number, standing: Calendar[number]['standing']) => ({
  from: `2026-01-${String(from).padStart(2, '0')}`,
  to: `2026-01-${String(to).padStart(2, '0')}`,
  standing,
});

test('each date has the colour of how it stands, and none where it has no standing', async () => {
  const broken = [span(1, 2, 'whole'), span(3, 3, 'missed'), span(4, 6, 'whole')];
  const [w, m, p] = ['whole', 'missed', 'provisional'];
  const whole = [...broken, span(7, 8, 'missed'), span(9, 9, 'whole'), span(10, 10, 'provisional')];
  expect(await paintedBy(whole as Calendar)).toEqual([w, w, m, w, w, w, m, m, w, p]);
  const gap = [...broken, span(9, 10, 'whole')];
  expect(await paintedBy(gap as Calendar)).toEqual([w, w, m, w, w, w, undefined, undefined, w, w]);
});
