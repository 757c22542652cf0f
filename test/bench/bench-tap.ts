/** The tap's half of a pipe: its sink and its CSV reader, on a result that is already here. */
import { MessageWriter } from '@traffic-events/singer';
import { LEDGER_KEY_PROPERTIES, LEDGER_SCHEMA, LEDGER_STREAM } from '@traffic-events/slice';
import { Metrics } from '../../apps/tap-traffic-events/src/metrics.ts';
import { SingerSink } from '../../apps/tap-traffic-events/src/singer-sink.ts';
import { BENCH_RUN, BENCH_STREAM, benchChange, benchResult } from './bench-slice.ts';

const [delivered = '', rowCount = '', impressions = ''] = process.argv.slice(2);
const result = benchResult({
  delivered,
  rowCount: Number(rowCount),
  impressions: BigInt(impressions),
});
const ledger = {
  stream: LEDGER_STREAM,
  schema: LEDGER_SCHEMA,
  keyProperties: LEDGER_KEY_PROPERTIES,
};
const sink = new SingerSink({
  writer: new MessageWriter({ output: process.stdout }),
  metrics: new Metrics({ output: process.stderr }),
  givenState: null,
});
await sink.open(BENCH_RUN, [BENCH_STREAM, ledger]);
await sink.slice(result, benchChange());
await sink.close();
