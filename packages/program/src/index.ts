export { collect } from './arguments/collect.ts';
export { parseDurationMs } from './arguments/duration.ts';
export { parseEventDate } from './arguments/event-date.ts';
export {
  acceptDefinitionOption,
  maxDurationOption,
  maxOutageOption,
  reextractOption,
  runLimits,
} from './arguments/run-options.ts';
export { ConfigError } from './config-error.ts';
export { EXIT, gravestExitCode } from './exit-code.ts';
export { exitCodeOfError } from './exit-code-of-error.ts';
export { EXIT_CODE_MEANINGS, EXIT_CODES_HELP } from './exit-codes-help.ts';
export { checkedRange, refuseFutureStart } from './extraction/date-checks.ts';
export { byRange, describeLostDates, lostDates } from './extraction/lost-dates.ts';
export { describeRange } from './extraction/range-report.ts';
export { runExtraction } from './extraction/run-extraction.ts';
export { loadDotEnv } from './files/dot-env.ts';
export { parseYaml } from './files/parse-yaml.ts';
export { readConfigFiles } from './files/read-config-files.ts';
export { readJsonFile } from './files/read-json-file.ts';
export { probeAccounts } from './extraction/probe-accounts.ts';
export { reportError } from './report-error.ts';
export { runTarget } from './run-target.ts';
export { coerceTexts } from './settings/coerce-texts.ts';
export {
  describeNotCollected,
  notCollected,
  refuseEmpty,
  refuseIdle,
} from './extraction/collection.ts';
export { exactValues } from './settings/exact-values.ts';
export { credentialSettings, extractionSettings } from './settings/extraction-settings.ts';
export { listedStreams, namedStreams } from './settings/listed-streams.ts';
export { problemsOf } from './settings/problems.ts';
export { accountsOf, streamsOf } from './settings/read-extraction.ts';
export { strictSettings } from './settings/strict-settings.ts';
export { runOptionsOf } from './settings/run-options.ts';
export { settingDefinitionsOf } from './settings/setting-definitions.ts';
export { stopOnSignals } from './stop-on-signals.ts';

export type { RunArguments } from './arguments/run-options.ts';
export type { ExitCode } from './exit-code.ts';
export type { AccountProbe } from './extraction/probe-accounts.ts';
export type { TargetProgram, TargetRun } from './run-target.ts';
export type { ExtractionReport } from './extraction/run-extraction.ts';
export type { NotCollected } from './extraction/collection.ts';
export type { ExtractionSettings } from './settings/extraction-settings.ts';
export type { SignalStop } from './stop-on-signals.ts';
