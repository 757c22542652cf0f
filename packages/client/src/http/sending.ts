import type { Dispatcher } from 'undici';

/**
 * Whether any of a request went out. The dispatcher itself says so, once it has a connection (through
 * the proxy and behind the TLS handshake, where there are such) and is about to write to it: codes of
 * errors do not tell a connection that was refused from one that broke under a request.
 */
export class Sending {
  #hasBegun = false;

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** Interceptor for `Dispatcher.compose`. */
  readonly watch: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    // A handler of another form would never tell, and silence must not pass for "nothing was sent".
    if (start === undefined) this.#hasBegun = true;
    handler.onRequestStart = (controller, context) => {
      this.#hasBegun = true;
      start?.(controller, context);
    };
    return dispatch(options, handler);
  };
}
