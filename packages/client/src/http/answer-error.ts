import { AccessDeniedError } from '../errors/access-denied-error.ts';
import { CapacityError } from '../errors/capacity-error.ts';
import { ExecutionNotFoundError } from '../errors/execution-not-found-error.ts';
import { RequestRefusedError } from '../errors/request-refused-error.ts';
import { ResponseMalformedError } from '../errors/response-malformed-error.ts';
import { ServiceUnavailableError } from '../errors/service-unavailable-error.ts';
import type { TrafficEventsError } from '../errors/traffic-events-error.ts';
import { errorText, isInOwnWords, requestIdOf } from './answer-kind.ts';
import type { AnswerKind } from './answer-kind.ts';
import type { AccountRoute, ApiRequest } from './api-request.ts';
import type { Redactor } from './redaction.ts';
import type { HttpAnswer } from './transport.ts';

export interface RefusedAttempt {
  readonly answer: HttpAnswer;
  readonly kind: Exclude<AnswerKind, 'success'>;
  readonly request: ApiRequest;
  readonly route: AccountRoute;
  readonly redactor: Redactor;
  /** Accounts that these credentials have had answers for. */
  readonly served: ReadonlySet<string>;
}

/** What an answer other than a success means, and what to do about it. */
export function answerError(attempt: RefusedAttempt): TrafficEventsError {
  const { answer, kind, request, route } = attempt;
  const details = { status: answer.status, requestId: requestIdOf(answer) };
  const what = describe(attempt);
  switch (kind) {
    case 'too_large':
      return new ResponseMalformedError(
        `${request.method} ${request.path} for ${route.key} was answered with more than ${answer.body.length} characters, which is the most that is read of an answer. Report this with the request id`,
        details,
      );
    case 'malformed':
    case 'foreign':
      return strangerError(attempt);
    case 'unauthorized':
    case 'forbidden':
      return new AccessDeniedError(`${what}. ${accessAdvice(route.key, attempt.served)}`, details);
    case 'capacity':
      return new CapacityError(`${what}. Wait until an execution of ${route.key} ends`, details);
    case 'not_found':
      return new ExecutionNotFoundError(`${what}. Check the execution id and the account`, {
        ...details,
        isCertain: isInOwnWords(answer, request.executionId ?? request.path),
      });
    case 'rate_limited':
    case 'unavailable':
      return new ServiceUnavailableError(`${what}. Try again later`, {
        ...details,
        mayHaveSucceeded: kind === 'unavailable',
      });
    default:
      return new RequestRefusedError(
        `${what}. Correct the request before sending it again`,
        details,
      );
  }
}

/** Somebody between us and the API has answered, or another server than the API. */
function strangerError(attempt: RefusedAttempt): TrafficEventsError {
  const { answer, kind, request, route, redactor } = attempt;
  const { status } = answer;
  const details = { status, requestId: requestIdOf(answer) };
  const sample = JSON.stringify(redactor.clean(answer.body, 80));
  const what = `${request.method} ${request.path} for ${route.key} was answered ${status}`;
  if (kind === 'malformed') {
    return new ResponseMalformedError(
      `${what} with ${answer.body.length} characters that are no JSON: ${sample}`,
      { ...details, unreachable: true },
    );
  }
  // Which path lists executions is not known for certain: what nobody knows may be answered by anyone.
  if (request.operation === 'list') {
    return new RequestRefusedError(`${what}: ${sample}. There may be no such endpoint`, details);
  }
  return new ServiceUnavailableError(
    `${what}, but not in the API's form: ${sample}. Something else stands at ${new URL(route.apiUrl).origin}, or in between: check the API's URL and the proxy`,
    { ...details, mayHaveSucceeded: false },
  );
}

/** What to do about a refusal, from what is known of the credentials and nothing else. */
function accessAdvice(key: string, served: ReadonlySet<string>): string {
  if (served.has(key)) {
    return `The same credentials had access to ${key} before; give it back to their user in Amazon Ads`;
  }
  const [other] = served;
  return other === undefined
    ? `Check that the credentials are those of a user with access to ${key} in Amazon Ads`
    : `The credentials are good for ${other}; give their user access to ${key} in Amazon Ads`;
}

function describe({ answer, request, route, redactor }: RefusedAttempt): string {
  const text = errorText(answer.body, redactor);
  return `${request.method} ${request.path} for ${route.key} was answered ${answer.status}: ${text}`;
}
