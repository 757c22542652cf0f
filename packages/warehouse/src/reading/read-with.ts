import type { WarehouseReader } from '../audit/warehouse-reader.ts';
import { ReadModel } from './read-model.ts';

/** Asks the read model over a reader of its own, which is closed again. */
export async function readWith<Result>(
  open: () => Promise<WarehouseReader>,
  work: (model: ReadModel) => Promise<Result>,
): Promise<Result> {
  const reader = await open();
  try {
    return await work(new ReadModel(reader));
  } finally {
    await reader.close();
  }
}
