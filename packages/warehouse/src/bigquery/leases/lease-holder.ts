import { hostname } from 'node:os';

/** The process that holds a lease, as its row names it: `host/pid/token`. */
export interface LeaseHolder {
  readonly host: string;
  readonly pid: number;
  /** Tells processes apart that were given the same pid, one after the other. */
  readonly token: string;
}

export function thisHolder(): LeaseHolder {
  return { host: hostname(), pid: process.pid, token: crypto.randomUUID() };
}

export function holderText({ host, pid, token }: LeaseHolder): string {
  return `${host}/${pid}/${token}`;
}

export function readHolder(text: string): LeaseHolder | undefined {
  const match = /^(.*)\/(\d+)\/([^/]+)$/.exec(text);
  if (match === null) return undefined;
  const [, host = '', pid = '', token = ''] = match;
  return { host, pid: Number(pid), token };
}

/**
 * Whether a holder may still live. Of another machine nobody here can tell, so yes; a wrong no would
 * do no harm, as the epoch fences it off.
 */
export function mayLive(holder: LeaseHolder, self: LeaseHolder): boolean {
  if (holder.host !== self.host) return true;
  if (holder.pid === self.pid)
    return holder.token === self.token || inThisProcess.has(holder.token);
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tokens of holders that this process has and has not given back. */
export const inThisProcess = new Set<string>();
