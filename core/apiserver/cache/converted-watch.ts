import type { CachedObject } from "./cached-object.ts";
import type { CacheReader } from "./kind-cache.ts";
import { type ObjectWatch, selectedChange, type Selection, type WatchItem } from "./watch.ts";

const batch = 64;

/** A watch whose objects take another form on their way to the reader, in their order, a few at a time. */
export class ConvertedWatch implements ObjectWatch {
  readonly label = "watch";
  readonly #inner: ObjectWatch;
  readonly #selection: Selection;
  readonly #seen: (objects: readonly CachedObject[]) => Promise<readonly CachedObject[]>;
  #ready: WatchItem[] = [];
  #failure: unknown;
  #filling = false;
  #woken = false;
  #disposed = false;
  #reader: CacheReader | undefined;

  /** @param inner selects nothing but namespace and name; `selection` is asked about the converted objects */
  constructor(
    inner: ObjectWatch,
    selection: Selection,
    seen: (objects: readonly CachedObject[]) => Promise<readonly CachedObject[]>,
  ) {
    this.#inner = inner;
    this.#selection = selection;
    this.#seen = seen;
  }

  wakes(reader: CacheReader): void {
    this.#reader = reader;
    this.#inner.wakes(this);
  }

  /** By what it converts. */
  wake(): void {
    this.#woken = true;
    void this.#fill();
  }

  requestBookmark(): void {
    this.#inner.requestBookmark();
  }

  onEnd(ended: () => void): void {
    this.#inner.onEnd(ended);
  }

  read(limit: number): WatchItem[] {
    if (this.#ready.length === 0) {
      if (this.#failure !== undefined) throw this.#failure as Error;
      void this.#fill();
      return [];
    }
    return this.#ready.splice(0, limit);
  }

  async #fill(): Promise<void> {
    if (this.#filling || this.#failure !== undefined) return;
    this.#filling = true;
    try {
      while (!this.#disposed && this.#ready.length === 0) {
        this.#woken = false;
        const items = this.#inner.read(batch);
        if (items.length > 0) this.#ready = await this.#converted(items);
        else if (!this.#woken) break;
      }
    } catch (error) {
      this.#failure = error;
    }
    this.#filling = false;
    if (!this.#disposed && (this.#ready.length > 0 || this.#failure !== undefined)) this.#reader?.wake();
  }

  async #converted(items: readonly WatchItem[]): Promise<WatchItem[]> {
    const involved = items.flatMap((item) =>
      item.type === "BOOKMARK" ? [] : [item.object, ...(item.event?.previous ? [item.event.previous] : [])],
    );
    const forms = await this.#seen(involved);
    const formOf = new Map(involved.map((object, index) => [object, forms[index]!]));
    return items.flatMap((item): WatchItem[] => {
      if (item.type === "BOOKMARK") return [item];
      const object = formOf.get(item.object)!;
      const { event } = item;
      if (!event) return [{ type: item.type, object }];
      const previous = event.previous && formOf.get(event.previous);
      const change = selectedChange(this.#selection, object, previous, event.deleted);
      return change ? [change] : [];
    });
  }

  dispose(): void {
    this.#disposed = true;
    this.#ready = [];
    void this.#inner.dispose();
  }
}
