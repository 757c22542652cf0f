import type { AccountFailureCause } from './run-summary.ts';

/** Nothing more of this account can be had in this run; the others go on. */
export class AccountUnavailable extends Error {
  readonly failureCause: AccountFailureCause;

  constructor(message: string, failureCause: AccountFailureCause, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause });
    this.failureCause = failureCause;
  }
}
