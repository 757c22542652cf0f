/** Reads one result and prints the peak memory of this process in bytes. Argument: the file. */
import { readCsv } from '@traffic-events/client';

import { CSV_COLUMNS } from './csv-file.ts';

let rows = 0;
for await (const batch of readCsv([{ path: process.argv[2] ?? '' }], { columns: CSV_COLUMNS })) {
  rows += batch.length;
}
process.stdout.write(
  `${JSON.stringify({ rows, peakBytes: process.resourceUsage().maxRSS * 1024 })}\n`,
);
