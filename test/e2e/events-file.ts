import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

/** Writes a file of events for the demo: 60 impressions on two dates, 6 of them with a click. */
export function writeEventsFile(path: string): void {
  const lines = Array.from({ length: 60 }, (_, index) => {
    const [day, user] = [24 + (index % 2), index % 7];
    return `2019-11-${day} 0${index % 9}:00:00.5+00:00,${index % 3 === 0 ? 'random' : 'bts'},men,${index % 4},${1 + (index % 3)},${index % 10 === 0 ? 1 : 0},user${user}`;
  });
  const text = `timestamp,policy,campaign,item_id,position,click,user\n${lines.join('\n')}\n`;
  writeFileSync(path, gzipSync(text));
}
