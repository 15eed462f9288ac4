import type { TestHost } from "../../support/pluginhost/test-host.ts";
import { attachRequest, patientCaller } from "../../support/pluginhost/test-host.ts";

const everyMs = 10;

/** A hundred sandboxes a second that get a network and give it back, through the host, until it is ended. */
export class CallLoad {
  readonly samples: { readonly at: number; readonly ms: number }[] = [];
  failed = 0;
  readonly #host: TestHost;
  readonly #open = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #awaited: { readonly count: number; readonly told: () => void }[] = [];
  #number = 0;

  constructor(host: TestHost) {
    this.#host = host;
    this.#timer = setInterval(() => this.#start(), everyMs);
  }

  /** Resolves when so many more calls have come back, answered or failed. */
  more(count: number): Promise<void> {
    return new Promise((told) => this.#awaited.push({ count: this.#ended + count, told }));
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
  }

  get #ended(): number {
    return this.samples.length + this.failed;
  }

  #start(): void {
    const call = this.#call(`s${this.#number++}`).finally(() => this.#open.delete(call));
    this.#open.add(call);
  }

  async #call(sandbox: string): Promise<void> {
    const at = performance.now();
    const { network } = this.#host;
    const request = attachRequest(sandbox);
    try {
      await network.attach("bench", request, patientCaller);
      this.samples.push({ at, ms: performance.now() - at });
      await network.detach({ sandbox_id: sandbox, netns: request.netns });
    } catch {
      // What failed is a figure of the bench; why it did, the host's own log tells.
      this.failed++;
    }
    for (const { count, told } of this.#awaited) if (this.#ended >= count) told();
  }
}
