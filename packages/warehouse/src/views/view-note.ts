import { createHash } from 'node:crypto';
import type { View } from './view-dialect.ts';

const MARK_LENGTH = 12;

/** What the catalog says of a view, by its name. */
export type ViewNotes = ReadonlyMap<string, string>;

/**
 * What is written beside views: what each is for, and a mark of its query. The mark is of the query as
 * it tells real time, so that simulated time makes no other view of it.
 */
export function viewNotes(views: readonly View[]): ViewNotes {
  return new Map(
    views.map(({ name, description, query }) => {
      const mark = createHash('sha256').update(query).digest('hex').slice(0, MARK_LENGTH);
      return [name, `${description} [${mark}]`] as const;
    }),
  );
}
