/**
 * What an answer means for the caller. The API's pages give 402 and 422 for the limit of active
 * executions, and 400 and 429 are seen at the sibling service: the text decides there.
 */
export type AnswerKind =
  | 'success'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'capacity'
  | 'rate_limited'
  | 'unavailable'
  | 'refused';

const LIMIT_TEXT = /execution\s+limit/i;

export function answerKind(status: number, body: string): AnswerKind {
  if (status >= 200 && status < 300) return 'success';
  if (status === 402) return 'capacity';
  if (status >= 400 && status < 500 && LIMIT_TEXT.test(body)) return 'capacity';
  if (status === 401) return 'unauthorized';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 429) return 'rate_limited';
  return status >= 500 ? 'unavailable' : 'refused';
}

/**
 * The human sentence in an error body: `{"code","details"}`, a gateway's `{"message"}`, or plain
 * text; cut to a length that a log line bears.
 */
export function errorText(body: string): string {
  const fields = parseObject(body);
  for (const key of ['details', 'message', 'statusReason', 'error_description', 'error']) {
    const value = fields?.[key];
    if (typeof value === 'string' && value !== '') return cut(value);
  }
  return cut(body.trim()) || 'no explanation';
}

function parseObject(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function cut(text: string): string {
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}
