/** What the API says of calls at a time (API.md 1.6, row 2); of one account, but nobody hurries here. */
const AT_A_TIME = 5;

/** Does the work on every item, a few at a time; the results are in the order of the items. */
export async function severalAtATime<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) results[index] = await work(item);
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, worker));
  return results;
}
