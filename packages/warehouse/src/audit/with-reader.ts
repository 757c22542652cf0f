import type { WarehouseReader } from './warehouse-reader.ts';

/** Does `work` over a reader of its own, which is closed again. */
export async function withReader<Result>(
  open: () => Promise<WarehouseReader>,
  work: (reader: WarehouseReader) => Promise<Result>,
): Promise<Result> {
  const reader = await open();
  try {
    return await work(reader);
  } finally {
    await reader.close();
  }
}
