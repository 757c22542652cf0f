import { DELETED_COLUMN, VERSION_COLUMN } from '../../tables/metadata-columns.ts';
import { copiedColumns, lastOfEachKey } from './stage-sql.ts';
import { qualified, timestampLiteral } from '../tables/sql-text.ts';
import type { PreparedTable } from '../../tables/prepared-table.ts';

/** Deletes, or marks as deleted, what older versions than `version` have left. */
export function activateSql(
  dataset: string,
  table: PreparedTable,
  version: number,
  deletion: 'hard' | { readonly markedAt: string },
): string {
  const target = qualified(dataset, table.definition.table);
  const older = `(${VERSION_COLUMN} < ${version} OR ${VERSION_COLUMN} IS NULL)`;
  if (deletion === 'hard') return `DELETE FROM ${target} WHERE ${older}`;
  return `UPDATE ${target} SET ${DELETED_COLUMN} = ${timestampLiteral(deletion.markedAt)} WHERE ${older} AND ${DELETED_COLUMN} IS NULL`;
}

/** Puts the rows of staging tables in the place of all that tables have, in one transaction. */
export function replaceSql(
  dataset: string,
  replaced: readonly { readonly table: PreparedTable; readonly stage: string | undefined }[],
): string {
  const statements = replaced.flatMap(({ table, stage }) => {
    const target = qualified(dataset, table.definition.table);
    const remove = `DELETE FROM ${target} WHERE TRUE`;
    if (stage === undefined) return [remove];
    const { names } = copiedColumns(table);
    const last = lastOfEachKey(table, qualified(dataset, stage));
    return [remove, `INSERT INTO ${target} (${names.join(', ')}) ${last}`];
  });
  return `${['BEGIN TRANSACTION', ...statements, 'COMMIT TRANSACTION'].join(';\n')};`;
}
