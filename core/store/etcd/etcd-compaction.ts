/**
 * The revision of the last compaction, which etcd tells nobody: the least one that can be read, found by asking.
 * @param known one at or below it; 0 for none
 */
export async function findCompacted(
  known: number,
  newest: number,
  isReadable: (revision: number) => Promise<boolean>,
): Promise<number> {
  let low = Math.max(1, known);
  if (await isReadable(low)) return known;
  let high = newest;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (await isReadable(middle)) high = middle;
    else low = middle;
  }
  return high;
}
