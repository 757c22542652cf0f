export { EXIT, gravestExitCode } from './exit-code.ts';
export { exitCodeOfError } from './exit-code-of-error.ts';
export { EXIT_CODE_MEANINGS, EXIT_CODES_HELP } from './exit-codes-help.ts';
export { reportError } from './report-error.ts';
export { runTarget } from './run-target.ts';
export { stopOnSignals } from './stop-on-signals.ts';

export type { ExitCode } from './exit-code.ts';
export type { TargetProgram, TargetRun } from './run-target.ts';
export type { SignalStop } from './stop-on-signals.ts';
