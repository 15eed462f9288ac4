/** So many more than there are keys may be kept before those that are gone are left out. */
const spare = 1024;

/**
 * Keys in the store's order (UTF-8 bytes). Additions wait until somebody wants the order, so that a burst of
 * creations between two lists costs one merge.
 */
export class SortedKeys {
  /** Together all keys that are there, and perhaps some that were: one that came back may stand in both. */
  #sorted: string[] = [];
  #added: string[] = [];
  #size = 0;
  readonly #isThere: (key: string) => boolean;

  /** @param isThere whether a key that was added has not been deleted since */
  constructor(isThere: (key: string) => boolean) {
    this.#isThere = isThere;
  }

  get size(): number {
    return this.#size;
  }

  /** A key that is not there yet. */
  add(key: string): void {
    this.#size++;
    this.#added.push(key);
  }

  /** A key that was there. */
  delete(): void {
    this.#size--;
    if (this.#sorted.length + this.#added.length > 2 * this.#size + spare) this.#order();
  }

  /** Everything greater than `after`, in order. */
  *from(after = ""): Iterable<string> {
    const keys = this.#order();
    for (let at = after === "" ? 0 : upperBound(keys, after); at < keys.length; at++) yield keys[at]!;
  }

  #order(): readonly string[] {
    if (this.#added.length > 0 || this.#sorted.length !== this.#size) {
      const merged = merge(this.#sorted, this.#added.sort(compareKeys));
      this.#sorted = merged.filter((key, index) => key !== merged[index - 1] && this.#isThere(key));
      this.#added = [];
    }
    return this.#sorted;
  }
}

function merge(left: readonly string[], right: readonly string[]): string[] {
  const out: string[] = [];
  let l = 0;
  let r = 0;
  while (l < left.length && r < right.length) {
    out.push(compareKeys(left[l]!, right[r]!) <= 0 ? left[l++]! : right[r++]!);
  }
  while (l < left.length) out.push(left[l++]!);
  while (r < right.length) out.push(right[r++]!);
  return out;
}

function upperBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareKeys(keys[middle]!, key) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Names are ASCII, where the order of JavaScript's code units is that of UTF-8 bytes. */
function compareKeys(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
