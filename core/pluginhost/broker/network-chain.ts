import { Emitter } from "@berth/base";
import { services } from "@berth/verbs";
import type { PluginLink } from "../call/plugin-link.ts";
import { type ChainChoice, chooseChain } from "./choose-chain.ts";
import { HostError } from "./serve-unary.ts";

/** One cni Plugin of this node; it keeps its place while it does not serve. */
export interface ChainMember {
  readonly madeBy: string;
  readonly type: string;
  readonly config: Readonly<Record<string, unknown>>;
  readonly client: ReturnType<typeof networkClient>;
  /** Empty when it serves. */
  readonly notReadyReason: string;
}

export function networkClient(link: PluginLink) {
  return link.client(services.network);
}

/** The cni Plugins of this node by name, in which order they attach, and whether they can. */
export class NetworkChain {
  readonly #members = new Map<string, ChainMember>();
  /** Names of those wanted on this node, connected or not. */
  readonly #expected = new Set<string>();
  /** Those that attach nothing new. */
  readonly #held = new Set<string>();
  readonly #changed = new Emitter<void>();
  #order: readonly string[] | undefined;

  readonly onDidChange = this.#changed.event;

  get isEmpty(): boolean {
    return this.#expected.size === 0;
  }

  /** Undefined: the only network plugin there is. */
  setOrder(names: readonly string[] | undefined): void {
    this.#order = names;
    this.#changed.fire();
  }

  /** Those by which something new is attached now. */
  choose(): ChainChoice {
    return chooseChain(
      this.#order,
      [...this.#expected].filter((name) => !this.#held.has(name)),
    );
  }

  /** What it lacks; empty when it serves. */
  get reason(): string {
    const choice = this.choose();
    if (!choice.ok) return choice.reason;
    for (const name of choice.chain) {
      const reason = this.#members.get(name)?.notReadyReason ?? "it is not started yet";
      if (reason) return notServing(name, reason);
    }
    return "";
  }

  /** Throws a HostError where it cannot be called now. */
  member(name: string): ChainMember {
    const member = this.#members.get(name);
    if (!member) throw new HostError("UNAVAILABLE", `network plugin ${name} is not on this node`);
    if (member.notReadyReason) throw new HostError("UNAVAILABLE", notServing(name, member.notReadyReason));
    return member;
  }

  expect(name: string): void {
    this.#expected.add(name);
    this.#changed.fire();
  }

  connect(name: string, member: Omit<ChainMember, "notReadyReason">): void {
    this.#members.set(name, { ...member, notReadyReason: "" });
    this.#changed.fire();
  }

  disconnect(name: string, reason: string): void {
    const member = this.#members.get(name);
    if (!member) return;
    this.#members.set(name, { ...member, notReadyReason: reason });
    this.#changed.fire();
  }

  hold(name: string, held: boolean): void {
    if (held === this.#held.has(name)) return;
    if (held) this.#held.add(name);
    else this.#held.delete(name);
    this.#changed.fire();
  }

  forget(name: string): void {
    this.#members.delete(name);
    this.#held.delete(name);
    this.#expected.delete(name);
    this.#changed.fire();
  }
}

function notServing(name: string, reason: string): string {
  return `network plugin ${name} does not serve: ${reason}`;
}
