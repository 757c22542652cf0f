import { accountView } from './account-view-sql.ts';
import { coverageView } from './coverage-view.ts';
import { dailyView } from './daily-view-sql.ts';
import { DAILY_VIEWS } from './daily-views.ts';
import { wholeTableView } from './slice-views.ts';
import type { KnownColumns, View, ViewDialect } from './view-dialect.ts';
import { viewNotes } from './view-note.ts';

interface ViewsWanted {
  readonly dialect: ViewDialect;
  /** The same, but telling real time. */
  readonly inRealTime: ViewDialect;
  readonly known: KnownColumns;
  /** Only those that read it. */
  readonly table?: string | undefined;
}

/** Views as they are made: their descriptions are what the catalog says of them. */
export function viewsToMake({ dialect, inRealTime, known, table }: ViewsWanted): View[] {
  const notes = viewNotes(warehouseViews(inRealTime, known));
  return warehouseViews(dialect, known)
    .filter(({ reads }) => table === undefined || reads.includes(table))
    .map((view) => ({ ...view, description: notes.get(view.name) ?? view.description }));
}

/** All views over the tables of slices that are there, in an order in which they can be made. */
export function warehouseViews(dialect: ViewDialect, known: KnownColumns): View[] {
  return [
    ...[...known.keys()].map((table) => wholeTableView(dialect, table)),
    ...DAILY_VIEWS.map((view) => dailyView(dialect, view, known)),
    ...DAILY_VIEWS.map((view) => accountView(dialect, view, known)),
    coverageView(dialect),
  ];
}
