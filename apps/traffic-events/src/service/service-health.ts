import type { ExitCode } from '@traffic-events/program';
import { EXIT } from '@traffic-events/program';
import type { InstantMs } from '@traffic-events/slice';
import type { Answer } from './health-server.ts';

/** A run that ended so has not come to its work. */
const NOT_READY: ReadonlySet<ExitCode> = new Set([
  EXIT.fault,
  EXIT.configuration,
  EXIT.credentials,
  EXIT.warehouse,
  EXIT.service,
]);

/** How a service stands, for whoever watches over it. */
export class ServiceHealth {
  #warehouseFault: string | null = 'it has not been asked yet';
  #last: { readonly exit_code: ExitCode; readonly ended_at: string } | null = null;
  #nextRun: string | null = null;

  /** What the warehouse was last found to be; null where it could be read. */
  warehouse(fault: string | null): void {
    this.#warehouseFault = fault;
  }

  runEnded(code: ExitCode, endedMs: InstantMs): void {
    this.#last = { exit_code: code, ended_at: new Date(endedMs).toISOString() };
  }

  /** Null while a run is under way. */
  nextRun(ms: InstantMs | null): void {
    this.#nextRun = ms === null ? null : new Date(ms).toISOString();
  }

  /** That it answers says that it lives. */
  alive(): Answer {
    return json(200, { status: 'ok', ...this.#facts() });
  }

  /** Ready: the warehouse could be read, and the last run, if there was one, came to its work. */
  ready(): Answer {
    const reason = this.#obstacle();
    const status = reason === null ? 'ready' : 'not ready';
    return json(reason === null ? 200 : 503, { status, reason, ...this.#facts() });
  }

  #obstacle(): string | null {
    if (this.#warehouseFault !== null) return `warehouse: ${this.#warehouseFault}`;
    const code = this.#last?.exit_code ?? EXIT.done;
    return NOT_READY.has(code) ? `the last run ended with ${code}` : null;
  }

  #facts() {
    return { last_run: this.#last, next_run: this.#nextRun };
  }
}

function json(status: number, value: object): Answer {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}
