export { EXIT, exitCodeOf } from './exit-code.ts';
export { interruptedBySignals } from './interrupted-by-signals.ts';
export { readConfigFiles } from './read-config-files.ts';
export { stderrLogger } from './stderr-logger.ts';
