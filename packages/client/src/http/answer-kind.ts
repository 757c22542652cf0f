import { asObject, parseJson } from '../text/json.ts';
import type { JsonObject } from '../text/json.ts';
import type { Redactor } from './redaction.ts';
import type { HttpAnswer } from './transport.ts';

/**
 * What an answer means for the caller. The API's pages give 402 and 422 for the limit of active
 * executions, and 400 and 429 are seen at the sibling service: the text decides there.
 *
 * `malformed` is a success without JSON, `foreign` a refusal that is not in the API's form: a proxy,
 * a portal or another server has spoken, and nothing is known of what the API would have said.
 */
export type AnswerKind =
  | 'success'
  | 'malformed'
  | 'too_large'
  | 'foreign'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'capacity'
  | 'rate_limited'
  | 'unavailable'
  | 'refused';

const MAX_SENTENCE_LENGTH = 500;
const LIMIT_TEXT = /execution\s+limit/i;
/** Where error bodies of the API, its gateway and Login with Amazon have their sentence. */
const SENTENCE_KEYS = ['details', 'message', 'statusReason', 'error_description', 'error'];

export function answerKind(answer: HttpAnswer): AnswerKind {
  const { status, body, isCut } = answer;
  if (status >= 200 && status < 300) {
    if (isCut) return 'too_large';
    return parseJson(body) === undefined ? 'malformed' : 'success';
  }
  if (status >= 500 || status === 408) return 'unavailable';
  if (status === 429) return LIMIT_TEXT.test(body) ? 'capacity' : 'rate_limited';
  if (isForeign(answer)) return 'foreign';
  if (status === 402 || LIMIT_TEXT.test(body)) return 'capacity';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  return status === 404 ? 'not_found' : 'refused';
}

/** The request id of an answer; only Amazon's own servers give one. */
export function requestIdOf({ headers }: Pick<HttpAnswer, 'headers'>): string | undefined {
  return headers['x-amzn-requestid'] ?? headers['x-amz-rid'];
}

/**
 * Whether a refusal is certainly the API's own: `{"code","details"}` as its documentation has it, or
 * a gateway's `{"message"}` with Amazon's request id and a sentence that names what was asked for.
 * Any server can answer 404 with a JSON of its own.
 */
export function isInOwnWords(answer: HttpAnswer, asked: string): boolean {
  const fields = asObject(parseJson(answer.body));
  if (fields === undefined) return false;
  if (isSentence(fields['code']) && isSentence(fields['details'])) return true;
  return requestIdOf(answer) !== undefined && (sentenceIn(fields)?.includes(asked) ?? false);
}

/**
 * The human sentence in an error body: `{"code","details"}`, a gateway's `{"message"}`, or plain
 * text; without secrets and cut to a length that a log line bears.
 */
export function errorText(body: string, redactor: Redactor): string {
  const sentence = sentenceIn(asObject(parseJson(body))) ?? body;
  return redactor.clean(sentence, MAX_SENTENCE_LENGTH) || 'no explanation';
}

function isForeign(answer: HttpAnswer): boolean {
  if (answer.status < 400) return true;
  return asObject(parseJson(answer.body)) === undefined && requestIdOf(answer) === undefined;
}

function sentenceIn(fields: JsonObject | undefined): string | undefined {
  return SENTENCE_KEYS.map((key) => fields?.[key]).find((value) => isSentence(value));
}

function isSentence(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
