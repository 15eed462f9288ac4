/** Ends waits early. Whoever took {@link next} before a call sees the call, however late he looks. */
export class WakeCall {
  #next = new AbortController();

  get next(): AbortSignal {
    return this.#next.signal;
  }

  call(): void {
    const current = this.#next;
    this.#next = new AbortController();
    current.abort();
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
