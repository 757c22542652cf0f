import type { Logger } from '@traffic-events/client';
import { loadDotEnv } from '@traffic-events/program';
import type { Config } from '../config.ts';

/** The configuration of a service, which SIGHUP has it read again. */
export class LiveConfig implements Disposable {
  readonly #read: () => Config;
  readonly #logger: Logger;
  #current: Config;

  /** `read` throws for what cannot be used. */
  constructor(current: Config, read: () => Config, logger: Logger) {
    this.#current = current;
    this.#read = read;
    this.#logger = logger;
    process.on('SIGHUP', this.#reload);
  }

  /** A run takes it once, so that it ends as it began. */
  get current(): Config {
    return this.#current;
  }

  [Symbol.dispose](): void {
    process.off('SIGHUP', this.#reload);
  }

  readonly #reload = () => {
    try {
      loadDotEnv();
      this.#current = this.#read();
      this.#logger.info({}, 'config.reloaded');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error({ reason, kept: 'the configuration of before' }, 'config.refused');
    }
  };
}
