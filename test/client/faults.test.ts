import type { FaultRule } from '@traffic-events/simulator';
import fc from 'fast-check';
import { expect, it } from 'vitest';

import { SimulatedApi } from './simulated-api.ts';

const api = SimulatedApi.use();

type Fault = FaultRule['fault'];

/** Faults that a client gets over by itself. */
const anywhere: fc.Arbitrary<Fault> = fc.oneof(
  fc.constantFrom('seconds', 'date', 'none').map((retryAfter): Fault => ({
    kind: 'rate_limited',
    retryAfter,
    retryAfterSeconds: 3,
    shape: 'html',
  })),
  fc.record({
    kind: fc.constant('server_error' as const),
    status: fc.constantFrom(500 as const, 502 as const, 503 as const, 504 as const),
    shape: fc.constantFrom('code_details' as const, 'message' as const, 'html' as const),
  }),
  fc.constantFrom<Fault>(
    { kind: 'connection_reset' },
    { kind: 'answer_lost' },
    { kind: 'delayed', delayMs: 5_000 },
  ),
);
const inAnswers: fc.Arbitrary<Fault> = fc.constant({ kind: 'malformed' });
const inDownloads = fc.oneof(
  fc.constantFrom<Fault>(
    { kind: 'url_refused', status: 403 },
    { kind: 'slow_bytes', chunkBytes: 64, delayMs: 10 },
  ),
  fc
    .double({ min: 0, max: 0.95, noNaN: true })
    .map((share): Fault => ({ kind: 'truncated', share })),
);

/** At most two faults, each of at most two requests: fewer in a row than there are tries. */
const rulesFor = (operation: FaultRule['operation'], fault: fc.Arbitrary<Fault>) =>
  fc.array(
    fc.record({
      operation: fc.constant(operation),
      from: fc.integer({ min: 1, max: 4 }),
      times: fc.integer({ min: 1, max: 2 }),
      fault,
    }),
    { maxLength: 2 },
  );

/** A token that is refused once at each operation: the client takes a new one, once a try. */
const refusedToken = fc
  .constantFrom<FaultRule['operation']>('create', 'get', 'list', 'download_urls')
  .map((operation): FaultRule => ({
    operation,
    from: 1,
    times: 1,
    fault: { kind: 'unauthorized' },
  }));

const plans = fc
  .tuple(
    rulesFor('token', anywhere),
    rulesFor('create', fc.oneof(anywhere, inAnswers)),
    rulesFor('get', fc.oneof(anywhere, inAnswers)),
    rulesFor('list', fc.oneof(anywhere, inAnswers)),
    rulesFor('download_urls', fc.oneof(anywhere, inAnswers)),
    rulesFor('download', fc.oneof(anywhere, inDownloads)),
    fc.array(refusedToken, { maxLength: 1 }),
  )
  .map((rules): FaultRule[] => rules.toReversed().flat());

it('any interleaving of faults below the retry budget ends in the same bytes, and nothing is created twice', async () => {
  await api.start({ partFiles: 3 });
  const expected = await api.bytesOf(api.account(), api.request());
  let struck = 0;
  await fc.assert(
    fc.asyncProperty(plans, async (rules) => {
      await api.faults(rules);
      const request = api.request();
      const bytes = await api.bytesOf(api.account(), request);
      struck += await api.faults([]);
      expect(bytes).toStrictEqual(expected);
      const created = (await api.executions()).filter(
        ({ workflowId }) => workflowId === request.workflowId,
      );
      expect(created).toHaveLength(1);
    }),
    { numRuns: 60 },
  );
  expect(struck).toBeGreaterThan(60);
}, 120_000);
