import type { BehaviourOverrides } from '@traffic-events/simulator';

import type { SeededRandom } from './seeded-random.ts';

/** What a list may lack or be, for as long as a world goes on. */
const LISTS: readonly BehaviourOverrides[] = [
  { listOperation: 'none' },
  { listOperation: 'get', listKey: 'workflowExecutions' },
  { listOmits: ['createTime'] },
  { listOmits: ['createTime', 'expireTime', 'workflowId', 'timeWindow'] },
  { listPageSize: 2, listSkipsPages: [2] },
  { listPageSize: 3, emptyListPages: true },
  { listHidesEvery: 3 },
  { listLagSeconds: 15 },
  { listPageSize: 5, listEnd: 'same_token' },
  { listPageSize: 5, listEnd: 'repeats' },
  { listEnd: 'empty_pages' },
  { listIgnoresFilter: true },
];

const EXECUTIONS: readonly BehaviourOverrides[] = [
  { createOmits: ['createTime'] },
  { getOmits: ['createTime', 'expireTime'] },
  { createOmits: ['createTime', 'expireTime'], getOmits: ['createTime', 'expireTime'] },
  {
    createOmits: ['createTime'],
    getOmits: ['createTime'],
    listOmits: ['createTime', 'timeWindow'],
  },
  { responseShape: 'flat' },
];

/** What leads to the files of a result. */
const URLS: readonly BehaviourOverrides[] = [
  { urlTokens: 'pages', partFiles: 3 },
  { urlTokens: 'same', partFiles: 2 },
  { urlTokens: 'endless' },
  { urlTokens: 'empty_pages' },
  { urlTokens: 'foreign' },
  { urlTokens: 'refused' },
  { secondUrlKey: 'same', partFiles: 2 },
  { secondUrlKey: 'different' },
  { urlKey: 'urls', urlShape: 'object' },
  { redirectDownloads: true },
];

const FILES: readonly BehaviourOverrides[] = [
  { partFiles: 3, partHeaders: 'first' },
  { partFiles: 2, partHeaders: 'again' },
  { partFiles: 2, partHeaders: 'again', metadataRows: 'right' },
  { partFiles: 3, partColumns: 'reversed' },
  { gzip: true, partFiles: 2 },
  { gzip: 'twice' },
  { emptyResult: 'no_file' },
  { emptyResult: 'no_file', metadataRows: 'right' },
  { emptyResult: 'zero_bytes' },
  { metadataRows: 'right' },
  { metadataRows: 'wrong' },
  { metadataUrls: false },
];

/** What a service may make of queries with several SELECTs. */
const UNIONS: readonly BehaviourOverrides[] = [
  { maxUnionBranches: 3 },
  { maxOutputColumns: 8 },
  { unionThresholds: 'branch' },
  { unionThresholds: 'position' },
  { unionThresholds: 'medium' },
  { unionSlowdown: 0.5 },
  { unionSlowdown: 4 },
  { having: false },
  { overlapLimit: 4 },
  { unionLabels: 'blanked' },
  { unionLabels: 'repeated' },
  { rowOrder: 'shuffled' },
];

/** `hasUnions`: of streams whose own queries are unions, which a service has to take. */
export function makeUnions(random: SeededRandom, hasUnions: boolean): BehaviourOverrides {
  if (!hasUnions && random.chance(0.1)) return { unions: 'none' };
  return random.chance(0.8) ? random.pick(UNIONS) : {};
}

/** How the service shows itself in a world: mostly as documented, in some ways not. */
export function makeBehaviour(random: SeededRandom): BehaviourOverrides {
  const families = [LISTS, EXECUTIONS, URLS, FILES].filter(() => random.chance(0.3));
  return Object.assign({}, ...families.map((family) => random.pick(family))) as BehaviourOverrides;
}
