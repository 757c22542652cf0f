import { rawAccountOf } from '@traffic-events/slice';
import { archivedKeys } from './archive.ts';
import type { Archive } from './archive.ts';

/** What became of the results of an account that was renamed. */
export interface RenamedResults {
  readonly results: number;
  /** What could not be read, and is where it was, in words. */
  readonly faults: readonly string[];
}

/**
 * Keeps the results of an account under another key from now on, whichever name of its zone they are
 * kept under: results are of the definitions of then, which know the zone by that name. What was left
 * in the middle goes on where it is called again.
 */
export async function renameArchived(
  archive: Archive,
  accountId: string,
  to: string,
): Promise<RenamedResults> {
  const faults: string[] = [];
  let results = 0;
  for (const kept of archivedKeys(accountId, await archive.accountIds())) {
    const renamed = kept.replace(rawAccountOf(kept), rawAccountOf(to));
    const executions = archive.list({ accountId: kept }, ({ message }) => faults.push(message));
    for await (const execution of executions) {
      await archive.move(execution, {
        ...execution,
        account_id: renamed,
        marketplace: renamed.slice(0, renamed.indexOf(':')),
      });
      results += 1;
    }
  }
  return { results, faults };
}
