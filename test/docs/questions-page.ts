import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const PAGE = resolve(import.meta.dirname, '../../docs/questions.md');
const BLOCK = /^<!-- question: (.+) -->\n\n```sql\n([\s\S]*?)^```$/gm;

/** The queries of docs/questions.md by the name that stands above each. */
export function documentedQuestions(): ReadonlyMap<string, string> {
  const page = readFileSync(PAGE, 'utf8');
  const questions = [...page.matchAll(BLOCK)].map(
    ([, name = '', sql = '']) => [name, sql] as const,
  );
  const fences = page.match(/^```sql$/gm) ?? [];
  if (fences.length !== questions.length) {
    throw new Error('docs/questions.md has a query without a name above it');
  }
  return new Map(questions);
}
