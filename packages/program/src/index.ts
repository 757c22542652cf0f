export { collect } from './arguments/collect.ts';
export { parseDurationMs } from './arguments/duration.ts';
export { parseEventDate } from './arguments/event-date.ts';
export { ConfigError } from './config-error.ts';
export { EXIT, gravestExitCode } from './exit/exit-code.ts';
export { exitCodeOfError } from './exit/exit-code-of-error.ts';
export { EXIT_CODE_MEANINGS, EXIT_CODES_HELP } from './exit/exit-codes-help.ts';
export { reportError } from './exit/report-error.ts';
export { stopOnSignals } from './exit/stop-on-signals.ts';
export { loadDotEnv } from './files/dot-env.ts';
export { readConfigFiles } from './files/read-config-files.ts';
export { readJsonFile } from './files/read-json-file.ts';
export { createLog } from './log/create-log.ts';
export { runTarget } from './target/run-target.ts';

export type { ExitCode } from './exit/exit-code.ts';
export type { SignalStop } from './exit/stop-on-signals.ts';
export type { Log } from './log/create-log.ts';
export type { TargetProgram, TargetRun } from './target/run-target.ts';
