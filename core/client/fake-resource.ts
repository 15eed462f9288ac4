import {
  ApiError,
  type ApiObject,
  type List,
  type ListOptions,
  type ResourceClient,
  type WatchEvent,
  type WatchOptions,
} from "./contracts.ts";

/** A resource in memory for tests of what follows lists: the test plays the server. */
export class FakeResource {
  /** What a list answers, page by page; the last page is answered again and again. */
  pages: List<ApiObject>[] = [{ items: [], resourceVersion: "1" }];
  readonly lists: ListOptions[] = [];
  readonly watches: FakeWatch[] = [];

  readonly client = {
    list: async (options: ListOptions = {}): Promise<List<ApiObject>> => {
      this.lists.push(options);
      return this.pages.length > 1 ? this.pages.shift()! : this.pages[0]!;
    },
    watch: (options: WatchOptions = {}): AsyncIterable<WatchEvent<ApiObject>> => {
      const watch = new FakeWatch(options);
      this.watches.push(watch);
      return watch.events();
    },
  } as unknown as ResourceClient<ApiObject>;
}

export class FakeWatch {
  readonly options: WatchOptions;
  readonly #waiting: (WatchEvent<ApiObject> | Error | "end")[] = [];
  #wake: () => void = () => {};

  constructor(options: WatchOptions) {
    this.options = options;
    options.signal?.addEventListener("abort", () => this.#send(options.signal?.reason as Error));
  }

  send(event: WatchEvent<ApiObject>): void {
    this.#send(event);
  }

  fail(code: number, reason: string): void {
    this.#send(new ApiError(code, reason, reason));
  }

  end(): void {
    this.#send("end");
  }

  async *events(): AsyncGenerator<WatchEvent<ApiObject>> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next === "end") return;
      if (next instanceof Error) throw next;
      if (next) yield next;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #send(next: WatchEvent<ApiObject> | Error | "end"): void {
    this.#waiting.push(next);
    this.#wake();
  }
}
