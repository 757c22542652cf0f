import type { Fault, FaultPlan, FaultRule, Operation } from './fault.ts';

/** A fault that has struck. */
export interface StruckFault {
  readonly operation: Operation;
  readonly account: string | null;
  /** Which request of the operation and account it was, from 1. */
  readonly request: number;
  readonly fault: Fault;
}

/** Decides by counting which requests are struck, and remembers which were. */
export class Faults {
  #plan: FaultPlan;
  readonly #counts = new Map<string, number>();
  #struck: StruckFault[] = [];

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  get plan(): FaultPlan {
    return this.#plan;
  }

  get struck(): readonly StruckFault[] {
    return this.#struck;
  }

  /** Begins another plan; requests are counted from 1 again. */
  replace(plan: FaultPlan): void {
    this.#plan = plan;
    this.#counts.clear();
    this.#struck = [];
  }

  /** The fault that strikes this request at `nowMs`, if one does. Call it once a request. */
  strike(operation: Operation, account: string | null, nowMs: number): Fault | undefined {
    const key = `${operation} ${account ?? ''}`;
    const request = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, request);
    const rule = this.#plan.rules.find((each) =>
      strikes(each, { operation, account, request, nowMs }),
    );
    if (rule === undefined) return undefined;
    this.#struck.push({ operation, account, request, fault: rule.fault });
    return rule.fault;
  }
}

function strikes(
  rule: FaultRule,
  at: { operation: Operation; account: string | null; request: number; nowMs: number },
): boolean {
  if (![rule.operation].flat().includes(at.operation)) return false;
  if (rule.account !== undefined && rule.account !== at.account) return false;
  if (rule.since !== undefined && at.nowMs < Date.parse(rule.since)) return false;
  if (rule.until !== undefined && at.nowMs >= Date.parse(rule.until)) return false;
  return at.request >= rule.from && (rule.times === null || at.request < rule.from + rule.times);
}
