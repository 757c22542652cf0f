import { runTap } from './tap.ts';

process.exitCode = await runTap(process.argv.slice(2), process.env, process.stdout);
