/** What somebody wants to hear of at once. */
export const ALERT_KINDS = ['missed', 'at_risk', 'failed_twice', 'down', 'consent_ends'] as const;

export type AlertKind = (typeof ALERT_KINDS)[number];

export interface Alert {
  readonly event: AlertKind;
  /** The same for the same matter, so that whoever gets it twice can tell. */
  readonly id: string;
  /** For people. */
  readonly text: string;
  /** The slices, accounts or dates that it is about. */
  readonly details: Readonly<Record<string, unknown>>;
}
