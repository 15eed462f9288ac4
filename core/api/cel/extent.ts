import { CelMap, type CelValue, type MapKey } from "./values.ts";

/** How large a value may become of which only its declaration is known. Functions that tell costs by sizes take it for a value. */
export class Extent extends CelMap {
  /** Characters of a text, items of a list, entries of a map; 1 for all else. */
  readonly size: number;
  /** Of everything within together. */
  readonly deep: number;
  readonly #item: Extent | undefined;
  readonly #members: ReadonlyMap<string, Extent> | undefined;

  constructor(size: number, item?: Extent, members?: ReadonlyMap<string, Extent>) {
    super();
    this.size = size;
    this.#item = item;
    this.#members = members;
    const inMembers = [...(members?.values() ?? [])].reduce((sum, { deep }) => sum + deep + 1, 0);
    this.deep = 1 + size * (item?.deep ?? 1) + inMembers;
  }

  /** Of any item or entry. */
  get item(): Extent {
    return this.#item ?? unbounded;
  }

  get(key: MapKey): Extent {
    return this.#members?.get(String(key)) ?? this.item;
  }

  /** An object of unknown keys has none that could be walked over. */
  keys(): Iterable<MapKey> {
    return [];
  }
}

/** Bytes of the largest request: nothing in an object is longer. */
export const requestBytes = 3 * 1024 * 1024;

export const single = new Extent(1);
/** Of which nothing is known. */
export const unbounded = new Extent(requestBytes);

export function extentOf(value: CelValue): Extent {
  if (value instanceof Extent) return value;
  return typeof value === "string" || value instanceof Uint8Array ? new Extent(value.length) : single;
}
