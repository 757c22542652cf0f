export { COMMON_SETTINGS, commonLoadRules } from './common-settings.ts';
export { runTarget } from './run-target.ts';

export type { TargetProgram, TargetRun } from './run-target.ts';
