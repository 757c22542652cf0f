import { readSettings } from '@traffic-events/singer';
import { commonLoadRules } from '@traffic-events/warehouse/target';
import { expect, test } from 'vitest';
import { connectionSettings, tableOptions } from './connection-settings.ts';
import { SETTINGS } from './settings.ts';

const readFrom = (env: Record<string, string>) =>
  readSettings(SETTINGS, { program: 'target-bigquery', config: {}, source: 'ENV', env });
const settingsOf = (env: Record<string, string>) =>
  readFrom({ TARGET_BIGQUERY_PROJECT: 'p', ...env });

test('settings come from the environment, with the defaults beside them', () => {
  const settings = settingsOf({
    TARGET_BIGQUERY_LABELS: 'team=media, env=prod',
    TARGET_BIGQUERY_CLUSTER_BY: 'campaign',
    TARGET_BIGQUERY_LOAD_METHOD: 'append-only',
  });
  expect(connectionSettings(settings, {})).toMatchObject({
    project: 'p',
    dataset: 'traffic_events',
  });
  expect(tableOptions(settings)).toMatchObject({
    partitioning: 'day',
    clusterBy: ['campaign'],
    labels: { team: 'media', env: 'prod' },
  });
  expect(commonLoadRules(settings)).toMatchObject({
    method: 'append',
    drain: { maxRows: 1_000_000 },
  });
});

test('a label that BigQuery would refuse is named', () => {
  const settings = settingsOf({ TARGET_BIGQUERY_LABELS: 'Team=Media' });
  expect(() => tableOptions(settings)).toThrow('got "Team=Media"');
});

test('a project is asked for by its names', () => {
  expect(() => readFrom({})).toThrow('Set it in ENV or as TARGET_BIGQUERY_PROJECT');
});
