export { accountsOption, selectAccounts, shardOption } from '../arguments/account-options.ts';
export {
  acceptDefinitionOption,
  maxDurationOption,
  maxOutageOption,
  reextractOption,
  runLimits,
} from '../arguments/run-options.ts';
export { parseYaml } from '../files/parse-yaml.ts';
export { currencySetting } from '../settings/account-setting.ts';
export { coerceTexts } from '../settings/coerce-texts.ts';
export { exactValues } from '../settings/exact-values.ts';
export { credentialSettings, extractionSettings } from '../settings/extraction-settings.ts';
export { listedStreams, namedStreams } from '../settings/listed-streams.ts';
export { problemsOf } from '../settings/problems.ts';
export { accountsOf, streamsOf } from '../settings/read-extraction.ts';
export { runOptionsOf } from '../settings/run-options.ts';
export { settingDefinitionsOf } from '../settings/setting-definitions.ts';
export { describeNotCollected, notCollected, refuseEmpty, refuseIdle } from './collection.ts';
export { checkedRange, refuseFutureStart } from './date-checks.ts';
export { describeLostDates, lostDates } from './lost-dates.ts';
export { exitCodeOfRun } from './exit-code-of-run.ts';
export { readGivenState, stateDocument } from './given-state.ts';
export { openClient } from './open-client.ts';
export { PROBE_PATIENCE_MS, probeAccounts } from './probe-accounts.ts';
export { severalAtATime } from './several-at-a-time.ts';
export { describeRange } from './range-report.ts';
export { RunFailedError } from './run-failed-error.ts';
export { runExtraction } from './run-extraction.ts';

export type { AccountArguments } from '../arguments/account-options.ts';
export type { RunArguments } from '../arguments/run-options.ts';
export type { ExtractionSettings } from '../settings/extraction-settings.ts';
export type { NotCollected } from './collection.ts';
export type { AccountProbe } from './probe-accounts.ts';
export type { ExtractionReport } from './run-extraction.ts';
