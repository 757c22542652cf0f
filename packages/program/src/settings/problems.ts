import type { z } from 'zod';

/** One line per fault: where, what is expected, and the value where no secret can be in it. */
export function problemsOf(
  error: z.ZodError,
  { secrets = [] }: { readonly secrets?: readonly string[] } = {},
): string[] {
  return error.issues.flatMap(branchMeant).map((issue) => {
    const value = secrets.includes(String(issue.path[0])) ? '' : received(issue);
    return `${keyOf(issue.path)}: ${issue.message}${value}.`;
  });
}

type Issue = z.core.$ZodIssue;

/** Of the forms that a value may have, the faults of the one that it comes closest to. */
function branchMeant(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union' || issue.message !== 'Invalid input') return [issue];
  const branches = issue.errors.map((branch) => branch.flatMap(branchMeant));
  const inside = branches.filter((branch) => branch.every(({ path }) => path.length > 0));
  const [closest] = inside.toSorted((a, b) => a.length - b.length);
  return (closest ?? [issue]).map((nested) => ({
    ...nested,
    path: nested === issue ? issue.path : [...issue.path, ...nested.path],
  }));
}

const MAX_SHOWN = 80;

/** A plain value; of a URL without the user and password that may stand in it. */
function received({ input, message }: Issue): string {
  if (typeof input === 'number' || typeof input === 'boolean') return `, got ${input}`;
  if (typeof input !== 'string') return '';
  const shown = JSON.stringify(input.slice(0, MAX_SHOWN).replace(/\/\/[^/@]*@/, '//…@'));
  return message.includes(shown) ? '' : `, got ${shown}`;
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
