import { accountView } from './account-view-sql.ts';
import { coverageView } from './coverage-view.ts';
import { dailyView } from './daily-view-sql.ts';
import { DAILY_VIEWS } from './daily-views.ts';
import { wholeTableView } from './slice-views.ts';
import type { KnownColumns, View, ViewDialect } from './view-dialect.ts';

/** All views over the tables of slices that are there, in an order in which they can be made. */
export function warehouseViews(dialect: ViewDialect, known: KnownColumns): View[] {
  return [
    ...[...known.keys()].map((table) => wholeTableView(dialect, table)),
    ...DAILY_VIEWS.map((view) => dailyView(dialect, view, known)),
    ...DAILY_VIEWS.map((view) => accountView(dialect, view, known)),
    coverageView(dialect),
  ];
}
