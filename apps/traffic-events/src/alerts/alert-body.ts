import type { Alert } from './alert.ts';

/** What may stand between `{{` and `}}`. */
export const PLACEHOLDERS = ['event', 'id', 'title', 'text', 'time', 'details'] as const;

type Body = Readonly<Record<string, unknown>>;

const PLACEHOLDER = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** What is sent where the configuration names no body. */
const DEFAULT_BODY: Body = Object.fromEntries(PLACEHOLDERS.map((name) => [name, `{{${name}}}`]));

/** The first placeholder of a body that stands for nothing; undefined where all are known. */
export function unknownPlaceholder(body: unknown): string | undefined {
  if (typeof body === 'string') {
    const names = [...body.matchAll(PLACEHOLDER)].map(([, name = '']) => name);
    return names.find((name) => !PLACEHOLDERS.some((known) => known === name));
  }
  if (typeof body !== 'object' || body === null) return undefined;
  return Object.values(body)
    .map(unknownPlaceholder)
    .find((name) => name !== undefined);
}

/** The JSON of a request: a text that is a placeholder and nothing else becomes the value itself. */
export function alertBody(alert: Alert, time: string, body: Body = DEFAULT_BODY): string {
  const title = (alert.text.split('\n', 1)[0] ?? '').replace(/:$/, '');
  return JSON.stringify(filled(body, { ...alert, title, time }));
}

function filled(value: unknown, values: Body): unknown {
  if (typeof value === 'string') return filledText(value, values);
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, filled(item, values)]),
  );
}

function filledText(text: string, values: Body): unknown {
  const [, only] = /^\{\{\s*(\w+)\s*\}\}$/.exec(text) ?? [];
  if (only !== undefined) return values[only];
  return text.replaceAll(PLACEHOLDER, (_, name: string) => {
    const value = values[name];
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}
