import type { LogFields, Logger } from '@traffic-events/client';
import { MultiBar, Presets } from 'cli-progress';

/** A logger that turns the events of a run into a bar; what needs attention stands above it. */
export interface RunProgress extends Disposable {
  readonly logger: Logger;
}

const FINISHED = new Set(['slice.loaded', 'slice.kept', 'slice.failed']);

/** For a terminal: one bar over all accounts, whose length grows as accounts are planned. */
export function createRunProgress(stream: NodeJS.WriteStream): RunProgress {
  const bars = new MultiBar(
    {
      stream,
      format: '{bar} {value} of {total} executions  {slice}',
      hideCursor: true,
      clearOnComplete: true,
      forceRedraw: true,
    },
    Presets.shades_classic,
  );
  const bar = bars.create(0, 0, { slice: '' });
  const say = (fields: LogFields, event: string) => bars.log(`${sentence(event, fields)}\n`);
  const logger: Logger = {
    debug: () => {},
    info: (fields, event) => {
      if (event === 'run.planned') {
        bar.setTotal(bar.getTotal() + Number(fields['executions']) + Number(fields['in_flight']));
        say(fields, event);
      }
      if (FINISHED.has(event)) bar.increment(1, { slice: sliceOf(fields) });
    },
    warn: (fields, event) => {
      if (FINISHED.has(event)) bar.increment(1, { slice: sliceOf(fields) });
      say(fields, event);
    },
    error: say,
  };
  return {
    logger,
    [Symbol.dispose]() {
      // Lines that still wait to be drawn above the bar would go with it.
      bars.update();
      bars.stop();
    },
  };
}

function sentence(event: string, fields: LogFields): string {
  if (event !== 'run.planned') {
    return [event, sliceOf(fields), fields['reason']].filter(Boolean).join('  ');
  }
  const ahead = Number(fields['executions']) + Number(fields['in_flight']);
  const { hours_learned: learned, will_be_lost: lost } = fields;
  const hours = `${String(learned ?? fields['hours_ahead'])} hours`;
  const loss = Array.isArray(lost) && lost.length > 0 ? `; WILL BE LOST: ${lost.join(', ')}` : '';
  return `${String(fields['account_id'])}: ${ahead} executions ahead, about ${hours}${loss}`;
}

function sliceOf(fields: LogFields): string {
  const { stream, account_id: accountId, event_date: date } = fields;
  return [stream, accountId, date].filter((part) => typeof part === 'string').join(' ');
}
