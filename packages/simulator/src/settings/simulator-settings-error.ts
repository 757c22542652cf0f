/** The simulator was told something that it cannot do; the message names the key. */
export class SimulatorSettingsError extends Error {
  override readonly name = 'SimulatorSettingsError' as const;
  readonly code = 'simulator_settings' as const;
  readonly action = 'fatal' as const;
}
