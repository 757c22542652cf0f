/** What `supervisor.ts` is told on its command line, as JSON. */
export interface SupervisorRequest {
  /** Port to listen on; 0 for any that is free. */
  readonly port: number;
  /** Whether a crash of the machine may lose data. Tests and demos do not care, and are faster. */
  readonly isDurable: boolean;
}

/** What it answers once, over the channel to its parent. */
export type SupervisorReport =
  | {
      readonly kind: 'started';
      readonly port: number;
      readonly user: string;
      readonly password: string;
    }
  | { readonly kind: 'failed'; readonly message: string };

/** What its parent may tell it: to stay when the parent goes. */
export type SupervisorOrder = 'keep' | 'stop';
