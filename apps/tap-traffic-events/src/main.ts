import { ignoreClosedOutput, leaveUnread } from '@traffic-events/program';
import { runTap } from './tap.ts';

ignoreClosedOutput();
process.exitCode = await runTap(process.argv.slice(2), process.env, process.stdout);
leaveUnread();
