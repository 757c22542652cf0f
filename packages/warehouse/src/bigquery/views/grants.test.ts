import { expect, test } from 'vitest';
import { grantStatements, isPrincipal } from './grants.ts';

test.each([
  'user:first.last@example.com',
  'group:my-group@example.co.uk',
  'serviceAccount:load@my-project.iam.gserviceaccount.com',
  'domain:example.com',
])('%s is a principal', (text) => {
  expect(isPrincipal(text)).toBe(true);
});

test.each([
  'traffic_events_reader',
  'someone@example.com',
  'group:someone',
  'domain:a@example.com',
  'specialGroup:allUsers',
  "user:a@example.com', 'user:b@example.com",
  'user:a@example.com\nuser:b@example.com',
  '',
])('%j is none', (text) => {
  expect(isPrincipal(text)).toBe(false);
});

test('the dataset is made where the configuration says, and roles on the project are left to a person', () => {
  const [make, load, read] = grantStatements({
    project: 'my-project',
    dataset: 'traffic_events',
    location: 'EU',
    reader: 'group:bi@example.com',
    loader: 'user:etl@example.com',
  });
  expect(make).toBe(
    "CREATE SCHEMA IF NOT EXISTS `my-project.traffic_events` OPTIONS (location = 'EU')",
  );
  expect(load).toContain(
    "\nGRANT `roles/bigquery.dataEditor` ON SCHEMA `my-project.traffic_events` TO 'user:etl@example.com'",
  );
  expect(read).toMatch(/^-- group:bi@example\.com needs roles\/bigquery\.jobUser on the project/);
});
