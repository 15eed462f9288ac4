/**
 * Keys in the store's order (UTF-8 bytes). Additions wait until somebody wants the order, so that a burst of
 * creations between two lists costs one merge.
 */
export class SortedKeys {
  #sorted: string[] = [];
  #added: string[] = [];
  readonly #present = new Set<string>();

  get size(): number {
    return this.#present.size;
  }

  add(key: string): void {
    if (this.#present.has(key)) return;
    this.#present.add(key);
    this.#added.push(key);
  }

  delete(key: string): void {
    this.#present.delete(key);
  }

  /** Everything greater than `after`, in order. */
  *from(after = ""): Iterable<string> {
    const keys = this.#order();
    for (let at = after === "" ? 0 : upperBound(keys, after); at < keys.length; at++) yield keys[at]!;
  }

  #order(): readonly string[] {
    if (this.#added.length > 0 || this.#sorted.length !== this.#present.size) {
      // A key that was deleted and added again may stand in both lists.
      const merged = merge(this.#sorted, this.#added.sort(compareKeys));
      this.#sorted = merged.filter((key, index) => key !== merged[index - 1] && this.#present.has(key));
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
