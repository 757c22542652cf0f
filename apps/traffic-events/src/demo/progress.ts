import { Presets, SingleBar } from 'cli-progress';

export interface DayDone {
  readonly done: number;
  readonly of: number;
  /** Simulated date of the sync. */
  readonly date: string;
}

/** Progress of the demo: a bar on a terminal, a plain line now and then elsewhere. */
export interface Progress extends Disposable {
  step(text: string): void;
  day(day: DayDone): void;
}

const DAYS_PER_LINE = 5;

/** Writes to standard error, so that standard output holds the result alone. */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  const step = (text: string) => void stream.write(`${text}\n`);
  return stream.isTTY ? { step, ...barOn(stream) } : { step, ...linesOn(stream) };
}

function barOn(stream: NodeJS.WriteStream): Omit<Progress, 'step'> {
  const bar = new SingleBar(
    {
      stream,
      format: '{bar} {value} of {total} days synced, now {date}',
      hideCursor: true,
      clearOnComplete: true,
    },
    Presets.shades_classic,
  );
  return {
    day({ done, of, date }) {
      if (!bar.isActive) bar.start(of, 0, { date });
      bar.update(done, { date });
    },
    [Symbol.dispose]: () => bar.stop(),
  };
}

function linesOn(stream: NodeJS.WriteStream): Omit<Progress, 'step'> {
  return {
    day({ done, of, date }) {
      if (done % DAYS_PER_LINE !== 0 && done !== of) return;
      stream.write(`${done} of ${of} days synced, now ${date}\n`);
    },
    [Symbol.dispose]: () => {},
  };
}
