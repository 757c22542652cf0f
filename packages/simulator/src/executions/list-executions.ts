import { z } from 'zod';
import { ApiError } from '../http/api-error.ts';
import type { Behaviour } from '../settings/behaviour.ts';
import type { Execution } from './execution.ts';

const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')]);
const instant = z.union([z.string(), z.number()]);

const listSchema = z.object({
  workflowId: z.string().nullish(),
  minCreationTime: instant.nullish(),
  maxCreationTime: instant.nullish(),
  nextToken: z.string().nullish(),
  limit: z.coerce.number().int().min(1).max(100).nullish(),
  sortAscending: flag.nullish(),
  includeCancelled: flag.nullish(),
});

export type ListQuery = z.output<typeof listSchema>;

export interface ListPage {
  readonly executions: readonly Execution[];
  readonly nextToken: string | null;
}

/** Throws ApiError 400 unless a workflowId or a minCreationTime is given. */
export function listQueryOf(input: unknown): ListQuery {
  const parsed = listSchema.safeParse(input);
  if (!parsed.success) throw new ApiError(400, z.prettifyError(parsed.error));
  if (parsed.data.workflowId == null && parsed.data.minCreationTime == null) {
    throw new ApiError(400, 'Either workflowId or minCreationTime is required');
  }
  return parsed.data;
}

/** A page of the executions of an account, newest first unless asked otherwise. */
export function listExecutions(
  executions: readonly Execution[],
  query: ListQuery,
  context: { readonly behaviour: Behaviour; readonly nowMs: number },
): ListPage {
  const { behaviour, nowMs } = context;
  const minMs = instantMs(query.minCreationTime) ?? -Infinity;
  const maxMs = instantMs(query.maxCreationTime) ?? Infinity;
  const found = executions.filter(
    (each) =>
      behaviour.listIgnoresFilter ||
      ((query.workflowId == null || each.workflowId === query.workflowId) &&
        each.createTimeMs >= minMs &&
        each.createTimeMs <= maxMs &&
        (query.includeCancelled === true || each.statusAt(nowMs) !== 'CANCELLED')),
  );
  if (query.sortAscending !== true) found.reverse();
  return pageOf(found, query, behaviour);
}

/** Tokens are `<offset>` or, for the empty page before it, `empty-<offset>`. */
function pageOf(found: readonly Execution[], query: ListQuery, behaviour: Behaviour): ListPage {
  const token = query.nextToken || (behaviour.emptyListPages ? 'empty-0' : '0');
  if (token.startsWith('empty-')) return { executions: [], nextToken: token.slice(6) };
  const offset = Number(token);
  if (!Number.isInteger(offset)) throw new ApiError(400, `nextToken '${token}' is not valid`);
  const size = Math.min(query.limit ?? behaviour.listPageSize, behaviour.listPageSize);
  const next = offset + size;
  const more = next < found.length;
  const nextToken = behaviour.emptyListPages ? `empty-${next}` : String(next);
  return { executions: found.slice(offset, next), nextToken: more ? nextToken : null };
}

function instantMs(value: string | number | null | undefined): number | undefined {
  if (value == null || value === '') return undefined;
  const text = String(value);
  const ms = /^\d+$/.test(text)
    ? Number(text)
    : Date.parse(/Z|[+-]\d\d:?\d\d$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw new ApiError(400, `'${text}' must be like 2023-10-01T00:00:00`);
  return ms;
}
