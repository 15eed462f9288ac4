/** Something that was made and must be undone. Disposing twice does nothing the second time. */
export interface Disposable {
  /** What it is, for the report of a teardown that hangs or fails. */
  readonly label: string;
  dispose(): void | Promise<void>;
}

export function toDisposable(label: string, undo: () => void | Promise<void>): Disposable {
  let done = false;
  return {
    label,
    dispose() {
      if (done) return;
      done = true;
      return undo();
    },
  };
}

/** What happened to one step of a teardown. */
export interface DisposeReport {
  readonly label: string;
  readonly outcome: "done" | "failed" | "overran";
  readonly error?: unknown;
}

/** Undoes in the reverse order of making, each step within its own budget; one failure does not stop the rest. */
export class DisposableStack {
  readonly label: string;
  readonly #entries: { item: Disposable; budgetMs: number }[] = [];
  #disposed = false;

  constructor(label: string) {
    this.label = label;
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  /** Registers and returns what was made, so that it can stand on the line after its creation. */
  use<T extends Disposable>(item: T, budgetMs = 10_000): T {
    if (this.#disposed) throw new Error(`${item.label} was created after ${this.label} was taken down`);
    this.#entries.push({ item, budgetMs });
    return item;
  }

  defer(label: string, undo: () => void | Promise<void>, budgetMs = 10_000): void {
    this.use(toDisposable(label, undo), budgetMs);
  }

  async dispose(): Promise<void> {
    const failed = (await this.disposeWithReport()).filter((step) => step.outcome !== "done");
    if (failed.length > 0) {
      const names = failed.map((step) => `${step.label} ${step.outcome}`).join(", ");
      throw new AggregateError(
        failed.map((step) => step.error),
        `teardown of ${this.label}: ${names}`,
      );
    }
  }

  async disposeWithReport(): Promise<DisposeReport[]> {
    this.#disposed = true;
    const report: DisposeReport[] = [];
    for (let entry = this.#entries.pop(); entry; entry = this.#entries.pop()) {
      report.push(await disposeWithin(entry.item, entry.budgetMs));
    }
    return report;
  }
}

async function disposeWithin(item: Disposable, budgetMs: number): Promise<DisposeReport> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const overrun = new Promise<"overran">((resolve) => {
    timer = setTimeout(() => resolve("overran"), budgetMs);
  });
  try {
    const outcome = await Promise.race([Promise.resolve(item.dispose()).then((): "done" => "done"), overrun]);
    return outcome === "done"
      ? { label: item.label, outcome }
      : { label: item.label, outcome, error: new Error(`${item.label} took longer than ${budgetMs} ms`) };
  } catch (error) {
    return { label: item.label, outcome: "failed", error };
  } finally {
    clearTimeout(timer);
  }
}
