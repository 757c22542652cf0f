import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import type { Alert } from './alert.ts';
import { alertBody, unknownPlaceholder } from './alert-body.ts';

const ALERT: Alert = {
  event: 'at_risk',
  id: 'at_risk:1',
  text: 'At risk:\n"dsp_clicks" DE:dsp:1 2026-01-01',
  details: { slices: [{ stream: 'dsp_clicks' }] },
};
const TIME = '2026-01-31T06:00:00.000Z';
const page = readFileSync(resolve(import.meta.dirname, '../../../../docs/operations.md'), 'utf8');
const [, yaml = ''] = /^```yaml\n(alerts:[\s\S]*?)^```/m.exec(page) ?? [];
const { alerts } = parse(yaml) as { alerts: { body?: Record<string, unknown> }[] };
const sent = (index: number) => JSON.parse(alertBody(ALERT, TIME, alerts[index]?.body)) as unknown;

test('Slack gets the body that docs/operations.md shows', () => {
  expect(sent(0)).toEqual({
    text: '*traffic-events: at_risk*\nAt risk:\n"dsp_clicks" DE:dsp:1 2026-01-01',
  });
});

test('PagerDuty gets an event of its API, version 2', () => {
  expect(sent(1)).toEqual({
    routing_key: '${PAGERDUTY_ROUTING_KEY}',
    event_action: 'trigger',
    dedup_key: 'at_risk:1',
    payload: {
      summary: 'At risk',
      source: 'traffic-events',
      severity: 'critical',
      custom_details: { slices: [{ stream: 'dsp_clicks' }] },
    },
  });
});

test('a placeholder that stands for nothing is found, however deep', () => {
  expect(unknownPlaceholder({ a: ['{{text}}', { b: '{{ nothing }}' }] })).toBe('nothing');
  expect(unknownPlaceholder({ a: '{{text}} {{id}}', b: 1, c: null })).toBeUndefined();
});
