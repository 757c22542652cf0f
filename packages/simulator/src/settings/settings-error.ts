/** The simulator was told something that it cannot do; the message names the key. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError' as const;
  readonly code = 'simulator_settings' as const;
  readonly action = 'fatal' as const;
}
