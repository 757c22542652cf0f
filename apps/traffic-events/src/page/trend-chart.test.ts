import { expect, test } from 'vitest';
import { trendChart } from './trend-chart.ts';

const grains = [null, 'fine', 'fine', null, 'fine', 'account', 'account'];

test('a line stands where values begin to be read at another grain, and nowhere else', async () => {
  const points = grains.map((grain, index) => ({
    eventDate: `2026-01-0${index + 1}`,
    value: grain === null ? null : index,
    withheld: null,
    standing: null,
    grain,
  }));
  const chart = String(await trendChart({ label: 'clicks', points, format: String }));
  expect(chart.match(/<line class="change"/g)).toHaveLength(1);
  expect(chart).toMatch(/<line class="change" x1="([\d.]+)"[^>]+\/><text x="\1"[^>]*>account</);
  const alike = points.map((point) => ({ ...point, grain: 'fine' }));
  expect(String(await trendChart({ label: '', points: alike, format: String }))).not.toContain(
    'class="change"',
  );
});
