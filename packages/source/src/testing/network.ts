import type { Dispatcher } from 'undici';

/** The way to the simulator, which can be cut: nobody listens there then. */
export class Network {
  /** Whether a request finds nobody; it is asked anew for each. */
  isCut: (path: string, method: string) => boolean = () => false;

  /** Interceptor for `Dispatcher.compose`. */
  readonly cut: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (request, handler) => {
    if (!this.isCut(request.path, request.method)) return dispatch(request, handler);
    const error = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    handler.onResponseError?.(undefined as never, error);
    return true;
  };
}
