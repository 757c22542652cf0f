import { didYouMean } from '@traffic-events/source';
import type { z } from 'zod';

/** One line per fault: where, what is expected, and the value where no secret can be in it. */
export function problemsOf(
  error: z.ZodError,
  { secrets = [] }: { readonly secrets?: readonly string[] } = {},
): string[] {
  return error.issues.flatMap(branchMeant).map((issue) => {
    const words = wordsOf(issue);
    const isSecret = secrets.includes(String(issue.path[0]));
    const value = isSecret ? receivedKind(issue) : received(issue, words);
    const text = `${keyOf(issue.path)}: ${words}${value}`;
    return text.endsWith('?') ? text : `${text}.`;
  });
}

type Issue = z.core.$ZodIssue;

/** Of the forms that a value may have, the faults of the one that it comes closest to. */
function branchMeant(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(branchMeant));
  const inside = branches.filter((branch) => branch.every(isInside));
  const [closest] = inside.toSorted((a, b) => faultsOf(a) - faultsOf(b));
  return (closest ?? [issue]).map((nested) => ({
    ...nested,
    path: nested === issue ? issue.path : [...issue.path, ...nested.path],
  }));
}

/** About a part of the value, not about its kind. */
function isInside({ code, path }: Issue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}

function faultsOf(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + ('keys' in issue ? issue.keys.length : 1), 0);
}

/** The library's own words say that something is invalid, and what, but not what would be right. */
function wordsOf(issue: Issue): string {
  if (issue.code === 'too_small' && issue.input === '') return 'expected a text that is not empty';
  if (!/^Invalid (input|option)/.test(issue.message)) return issue.message;
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String), issue.input);
  if (issue.code === 'invalid_type') {
    return `expected ${KINDS[issue.expected] ?? issue.expected}${issue.input === undefined ? ', got none' : ''}`;
  }
  return issue.input === undefined ? 'expected a value, got none' : issue.message;
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'a mapping of keys to values',
  record: 'a mapping of keys to values',
  string: 'a text',
};

function oneOf(values: readonly string[], input: unknown): string {
  const meant = typeof input === 'string' ? didYouMean(input, values) : '';
  return meant === ''
    ? `expected one of ${values.join(', ')}`
    : `got ${JSON.stringify(input)}${meant}`;
}

const MAX_SHOWN = 80;

/** Of what may be a secret only what it is, where that is the fault. */
function receivedKind({ input }: Issue): string {
  if (input === null) return ', got nothing';
  return typeof input === 'number' || typeof input === 'boolean' ? `, got a ${typeof input}` : '';
}

/** A plain value; of a URL without the user and password that may stand in it. */
function received({ input }: Issue, words: string): string {
  if (input === null) return ', got nothing';
  if (typeof input === 'number' || typeof input === 'boolean') return `, got ${input}`;
  if (typeof input !== 'string') return '';
  const shown = JSON.stringify(input.slice(0, MAX_SHOWN).replace(/\/\/[^/@]*@/, '//…@'));
  return words.includes(shown) ? '' : `, got ${shown}`;
}

/** `accounts[0].marketplace` */
function keyOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(the whole)';
  return path
    .map((part, index) =>
      typeof part === 'number' ? `[${part}]` : `${index === 0 ? '' : '.'}${String(part)}`,
    )
    .join('');
}
