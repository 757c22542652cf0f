import type { Operation } from '../faults/fault.ts';

/** Options of a route that faults can strike. */
export function operation(name: Operation) {
  return { config: { operation: name } };
}
