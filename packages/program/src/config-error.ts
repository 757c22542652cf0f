/** A configuration that cannot be used: names the file, the key, the value and what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError' as const;
  readonly code = 'config_invalid';
  readonly action = 'fatal';
}
