import { type Clock, type Disposable, errorMessage, type Timer } from "@berth/base";
import type { ContractAdapter } from "../capabilities/contract-adapter.ts";
import type { HostedPlugin } from "../hosted-plugin.ts";

/** A plugin that is being replaced, as {@link Departures} sees it. */
export interface Leaver {
  readonly name: string;
  /** Calls to it that have not come back. */
  readonly callsUnderWay: number;
  /** As in ContractAdapter. */
  made(): string | Promise<string>;
}

export function leaverOf(
  { name, link }: Pick<HostedPlugin, "name" | "link">,
  adapter: Pick<ContractAdapter, "made">,
): Leaver {
  return {
    name,
    get callsUnderWay() {
      return link.gate.underWay;
    },
    made: () => adapter.made(name),
  };
}

/** Between two looks at what a replaced plugin still has. */
const lookMs = 1000;

/**
 * Sees replaced plugins off: each serves until nothing of what it made is left. One look is not enough, for a call that
 * was chosen for it before it was replaced may be on its way: nothing may be left, and nothing under way, twice in a row.
 */
export class Departures implements Disposable {
  readonly label = "replaced plugins";
  readonly #clock: Clock;
  readonly #onGone: (name: string) => void;
  readonly #onDidChange: (name: string) => void;
  readonly #leavers = new Map<string, { leaver: Leaver; left: string; looksWithoutAny: number }>();
  #timer: Timer | undefined;
  #disposed = false;

  constructor(parts: { clock: Clock; onGone: (name: string) => void; onDidChange: (name: string) => void }) {
    this.#clock = parts.clock;
    this.#onGone = parts.onGone;
    this.#onDidChange = parts.onDidChange;
  }

  /** These and no others leave. */
  watch(leavers: readonly Leaver[]): void {
    const names = new Set(leavers.map(({ name }) => name));
    for (const name of this.#leavers.keys()) if (!names.has(name)) this.#leavers.delete(name);
    for (const leaver of leavers) {
      if (this.#leavers.has(leaver.name)) continue;
      this.#leavers.set(leaver.name, { leaver, left: "what it made", looksWithoutAny: 0 });
    }
    if (leavers.length > 0) this.#plan();
  }

  /** What keeps it, in words: "2 sandboxes". */
  left(name: string): string {
    return this.#leavers.get(name)?.left ?? "";
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    if (this.#disposed) return;
    this.#timer ??= this.#clock.after(lookMs, () => void this.#lookAtAll(), { background: true });
  }

  async #lookAtAll(): Promise<void> {
    await Promise.all([...this.#leavers.keys()].map((name) => this.#look(name)));
    this.#timer = undefined;
    if (this.#leavers.size > 0) this.#plan();
  }

  async #look(name: string): Promise<void> {
    const entry = this.#leavers.get(name);
    if (!entry) return;
    const { leaver } = entry;
    const left = leaver.callsUnderWay > 0 ? "calls under way" : await whatIsLeft(leaver);
    if (this.#leavers.get(name) !== entry || this.#disposed) return;
    entry.looksWithoutAny = left === "" ? entry.looksWithoutAny + 1 : 0;
    if (entry.looksWithoutAny > 1) {
      this.#leavers.delete(name);
      return this.#onGone(name);
    }
    if (left === "" || left === entry.left) return;
    entry.left = left;
    this.#onDidChange(name);
  }
}

async function whatIsLeft(leaver: Leaver): Promise<string> {
  try {
    return await leaver.made();
  } catch (error) {
    return `it cannot be asked what it still has: ${errorMessage(error)}`;
  }
}
