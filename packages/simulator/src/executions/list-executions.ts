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
  const found = listed(executions, behaviour, nowMs).filter(
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

/** The executions that are in lists at all. */
function listed(
  executions: readonly Execution[],
  { listHidesEvery, listLagSeconds }: Behaviour,
  nowMs: number,
): Execution[] {
  return executions.filter((each, index) => {
    const isHidden = listHidesEvery !== null && (index + 1) % listHidesEvery === 0;
    return !isHidden && each.createTimeMs + listLagSeconds * 1000 <= nowMs;
  });
}

/** Tokens are `<offset>`; for the empty page before it, `empty-<offset>`; beyond the end, `on-<page>`. */
function pageOf(all: readonly Execution[], query: ListQuery, behaviour: Behaviour): ListPage {
  const token = query.nextToken || (behaviour.emptyListPages ? 'empty-0' : '0');
  if (token.startsWith('empty-')) return { executions: [], nextToken: token.slice(6) };
  const size = Math.min(query.limit ?? behaviour.listPageSize, behaviour.listPageSize);
  const found = all.filter(
    (_, index) => !behaviour.listSkipsPages.includes(Math.floor(index / size) + 1),
  );
  if (token.startsWith('on-')) return pageBeyond(found, Number(token.slice(3)), size, behaviour);
  const offset = Number(token);
  if (!Number.isInteger(offset)) throw new ApiError(400, `nextToken '${token}' is not valid`);
  const next = offset + size;
  const nextToken = behaviour.emptyListPages ? `empty-${next}` : String(next);
  return {
    executions: found.slice(offset, next),
    nextToken: next < found.length ? nextToken : tokenAtEnd(offset, behaviour),
  };
}

function tokenAtEnd(offset: number, { listEnd }: Behaviour): string | null {
  if (listEnd === 'none') return null;
  return listEnd === 'same_token' ? String(offset) : 'on-0';
}

/** A page behind the last one, and there is always another. */
function pageBeyond(
  found: readonly Execution[],
  page: number,
  size: number,
  { listEnd }: Behaviour,
): ListPage {
  const offset = (page * size) % Math.max(found.length, 1);
  const executions = listEnd === 'repeats' ? found.slice(offset, offset + size) : [];
  return { executions, nextToken: `on-${page + 1}` };
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
