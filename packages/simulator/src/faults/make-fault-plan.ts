import { seededRandom } from '../events/random.ts';
import type { Random } from '../events/random.ts';
import { faultSchema, OPERATIONS } from './fault.ts';
import type { Fault, FaultPlan, FaultRule, Operation, SeededFaults } from './fault.ts';

const TRANSIENT: readonly Fault[] = [
  { kind: 'rate_limited' },
  { kind: 'rate_limited', retryAfter: 'date' },
  { kind: 'rate_limited', retryAfter: 'none' },
  { kind: 'server_error' },
  { kind: 'server_error', status: 502, shape: 'html' },
  { kind: 'server_error', status: 503, shape: 'message' },
  { kind: 'server_error', status: 504, shape: 'message' },
  { kind: 'connection_reset' },
  { kind: 'answer_lost' },
].map((fault) => faultSchema.parse(fault));

const SLOW = faultSchema.parse({ kind: 'slow_bytes', chunkBytes: 1024, delayMs: 10 });

const BY_OPERATION: Readonly<Record<Operation, readonly Fault[]>> = {
  token: TRANSIENT,
  create: [...TRANSIENT, { kind: 'unauthorized' }],
  get: [...TRANSIENT, { kind: 'unauthorized' }],
  list: [...TRANSIENT, { kind: 'unauthorized' }],
  cancel: TRANSIENT,
  download_urls: [...TRANSIENT, { kind: 'unauthorized' }],
  metadata: TRANSIENT,
  download: [
    ...TRANSIENT,
    { kind: 'truncated', share: 0.5 },
    { kind: 'truncated', share: 0.99 },
    { kind: 'url_refused', status: 403 },
    SLOW,
  ],
};

/** The plan that settings ask for, made from its seed where they give no rules. */
export function planOf(settings: FaultPlan | SeededFaults): FaultPlan {
  return 'rules' in settings ? settings : makeFaultPlan(settings);
}

/** The plan of a seed: every fault in it passes, so that a patient client ends with the same bytes. */
export function makeFaultPlan(settings: SeededFaults): FaultPlan {
  const operations = settings.operations ?? OPERATIONS;
  const rules = operations.flatMap((operation) => {
    const random = seededRandom(`${settings.seed}/faults/${operation}`);
    return rulesOf(operation, settings, random);
  });
  return { seed: settings.seed, rules };
}

function rulesOf(operation: Operation, settings: SeededFaults, random: Random): FaultRule[] {
  const choices = BY_OPERATION[operation];
  const rules: FaultRule[] = [];
  let inARow = 0;
  for (let request = 1; request <= settings.requests; request++) {
    const struck = inARow < settings.maxInARow && random.next() < settings.share;
    inARow = struck ? inARow + 1 : 0;
    const fault = choices[random.integer(choices.length)];
    if (struck && fault !== undefined) rules.push({ operation, from: request, times: 1, fault });
  }
  return rules;
}
