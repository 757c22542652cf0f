import { DISCRIMINATOR_COLUMN, warehouseColumn } from '@traffic-events/slice';
import type { SliceResult } from '@traffic-events/slice';

/** The columns of the API by their names in the warehouse. */
export function ownColumns({ columns }: SliceResult): string[] {
  return columns.map(({ name, role }) =>
    role === 'discriminator' ? DISCRIMINATOR_COLUMN : warehouseColumn(name),
  );
}

/** What is the same in all rows, by column of the warehouse. */
export function constantsOf(result: SliceResult): Readonly<Record<string, string>> {
  const { mark, marketplace, extractedAt, columns } = result;
  const { account_id, event_date, execution_id } = mark;
  const constants = {
    account_id,
    marketplace,
    event_date,
    execution_id,
    extracted_at: extractedAt,
  };
  // Templated reports have no discriminator: nothing of theirs is suppressed.
  const isFlagged = columns.some(({ role }) => role === 'discriminator');
  return isFlagged ? constants : { ...constants, [DISCRIMINATOR_COLUMN]: 'false' };
}
