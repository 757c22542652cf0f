export { aboutJson, aboutMarkdown, aboutText } from './about.ts';
export { discoverCatalog, parseCatalog, selectStreams } from './catalog.ts';
export {
  LineTooLongError,
  MalformedInputError,
  MalformedMessageError,
  OutputClosedError,
  OutputStalledError,
  SettingsError,
  SingerError,
} from './errors.ts';
export { exactNumber, isExactNumber } from './exact-number.ts';
export { readLines } from './line-reader.ts';
export { MessageWriter } from './message-writer.ts';
export { ownValue } from './own-value.ts';
export { parseJson } from './parse-json.ts';
export { parseLine } from './parse-line.ts';
export { parseMessage } from './parse-message.ts';
export { faultOf } from './record-fault.ts';
export { RecordEncoder } from './record-encoder.ts';
export { RecordShape } from './record-shape.ts';
export { nearestName } from './nearest-name.ts';
export { coerceSetting, environmentName, readSettings } from './settings.ts';
export { partitionsOf, streamsOf, unwrapState } from './state.ts';

export type { ProgramDescription } from './about.ts';
export type { Catalog, DiscoveredStream, StreamSelection } from './catalog.ts';
export type { ErrorAction } from './errors.ts';
export type { ExactNumber } from './exact-number.ts';
export type {
  ActivateVersionMessage,
  BatchMessage,
  JsonSchema,
  Message,
  RecordMessage,
  SchemaMessage,
  StateMessage,
  UnknownMessage,
} from './message.ts';
export type { RecordFault } from './record-fault.ts';
export type { RecordCells, RecordProperty } from './record-encoder.ts';
export type { ForeignSettings } from './foreign-settings.ts';
export type { Setting, SettingDefinitions, SettingKind, SettingValues } from './settings.ts';
export type { StateContext } from './state.ts';
