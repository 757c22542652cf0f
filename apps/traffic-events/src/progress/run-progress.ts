import { styleText } from 'node:util';
import type { Clock, LogFields, Logger } from '@traffic-events/client';
import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';
import { WatchedAccount } from './watched-account.ts';
import type { AccountState } from './watched-account.ts';
import { progressLines } from './progress-lines.ts';

/** A logger that turns the events of a run into lines; what needs attention stands above them. */
export interface RunProgress extends Disposable {
  readonly logger: Logger;
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly clock: Pick<Clock, 'now'>;
  /** Accounts of the run, as it begins. */
  readonly accounts: readonly string[];
}

/** Lines that a terminal keeps for what is said above. */
const KEPT_LINES = 3;
const DEFAULT_ROWS = 24;
const DEFAULT_COLUMNS = 80;

const COLOURS = { waiting: 'gray', running: 'cyan', done: 'green', failed: 'red' } as const;

/** For a terminal: a line per account, redrawn in place, as many as there is room for. */
export function createRunProgress(options: ProgressOptions): RunProgress {
  const lines = new Lines(options);
  const info = (fields: LogFields, event: string) => {
    lines.take(event, fields);
    const lost = fields['will_be_lost'];
    if (!Array.isArray(lost) || lost.length === 0) return;
    lines.say(`${String(fields['account_id'])}: WILL BE LOST: ${lost.join(', ')}`);
  };
  const say = (fields: LogFields, event: string) => {
    lines.take(event, fields);
    lines.say(sentence(event, fields));
  };
  return {
    logger: { debug: () => {}, info, warn: say, error: say },
    [Symbol.dispose]: () => lines.end(),
  };
}

class Lines {
  readonly #options: ProgressOptions;
  readonly #bars: MultiBar;
  readonly #accounts: Map<string, WatchedAccount>;
  readonly #lines: SingleBar[] = [];
  #isGone = false;
  readonly #onGone = () => {
    this.#isGone = true;
  };
  readonly #onResize = () => this.#draw();

  constructor(options: ProgressOptions) {
    const { stream, accounts } = options;
    this.#options = options;
    this.#accounts = new Map(accounts.map((id) => [id, new WatchedAccount(id)]));
    this.#bars = new MultiBar({
      stream,
      format: '{line}',
      hideCursor: true,
      clearOnComplete: true,
      forceRedraw: true,
      gracefulExit: false,
    });
    // A terminal that goes away takes nothing of the run with it.
    stream.on('error', this.#onGone);
    stream.on('resize', this.#onResize);
    this.#draw();
  }

  take(event: string, fields: LogFields): void {
    const { account_id: accountId } = fields;
    if (typeof accountId !== 'string') return;
    const account = this.#accounts.get(accountId) ?? new WatchedAccount(accountId);
    this.#accounts.set(accountId, account);
    account.take(event, fields, this.#options.clock.now());
    this.#draw();
  }

  say(line: string): void {
    if (!this.#isGone) this.#bars.log(`${line}\n`);
  }

  end(): void {
    const { stream } = this.#options;
    stream.off('resize', this.#onResize);
    if (!this.#isGone) {
      // Lines that still wait to be drawn above the others would go with them.
      this.#bars.update();
    }
    this.#bars.stop();
  }

  #draw(): void {
    if (this.#isGone) return;
    const { stream, clock } = this.#options;
    const lines = progressLines([...this.#accounts.values()], {
      width: stream.columns || DEFAULT_COLUMNS,
      height: Math.max(1, (stream.rows || DEFAULT_ROWS) - KEPT_LINES),
      nowMs: clock.now(),
      paint: (state: AccountState, text) => styleText(COLOURS[state], text, { stream }),
    });
    while (this.#lines.length > lines.length) {
      const last = this.#lines.pop();
      if (last !== undefined) this.#bars.remove(last);
    }
    for (const [index, line] of lines.entries()) {
      const drawn = this.#lines[index];
      if (drawn === undefined) this.#lines.push(this.#bars.create(1, 0, { line }));
      else drawn.update(0, { line });
    }
  }
}

function sentence(event: string, fields: LogFields): string {
  return [event, sliceOf(fields), fields['reason']].filter(Boolean).join('  ');
}

function sliceOf(fields: LogFields): string {
  const { stream, account_id: accountId, event_date: date } = fields;
  return [stream, accountId, date].filter((part) => typeof part === 'string').join(' ');
}
