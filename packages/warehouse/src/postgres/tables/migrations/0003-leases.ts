import type { Migration } from './migration.ts';

/**
 * Under another name: programs of before name definitions by what they no longer go by, and would
 * take what is loaded now for another definition's. Each of them asks for its leases first.
 */
export const leases: Migration = {
  number: 3,
  name: 'leases',
  statements: (schema) => [
    `ALTER TABLE ${schema}._traffic_events_lease RENAME TO _traffic_events_leases`,
    `ALTER TABLE ${schema}._traffic_events_leases
       RENAME CONSTRAINT _traffic_events_lease_pkey TO _traffic_events_leases_pkey`,
  ],
};
