import { viewNotes } from '../views/view-note.ts';
import { warehouseViews } from '../views/warehouse-views.ts';
import type { WarehouseReader } from './warehouse-reader.ts';

/** The view that is made whatever tables there are. */
const ALWAYS_MADE = 'coverage';

/**
 * Views that are not what this version would make over the tables that are there, by name; undefined
 * where none were ever asked for.
 */
export async function laggingViews(reader: WarehouseReader): Promise<string[] | undefined> {
  const found = await reader.viewNotes();
  if (!found.has(ALWAYS_MADE)) return undefined;
  const expected = viewNotes(warehouseViews(reader.dialect, await reader.sliceTables()));
  return [...expected]
    .filter(([name, note]) => found.get(name)?.startsWith(note) !== true)
    .map(([name]) => name);
}
