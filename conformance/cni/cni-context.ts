import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { Connection, type JsonObject, type PromiseClient, services, toStruct } from "@berth/verbs";
import type {
  NetworkPluginDefinition,
  NetworkPluginHandlers,
} from "@berth/proto/generated/cni/berth/cni/v1/NetworkPlugin.ts";
import type { Target } from "../suite.ts";

const run = promisify(execFile);
const ifname = "eth0";

export interface Sandbox {
  readonly id: string;
  readonly netns: string;
}

/** A network plugin and the namespaces that the run made for it. */
export class CniContext {
  readonly target: Target;
  readonly network: PromiseClient<NetworkPluginDefinition, NetworkPluginHandlers>;
  readonly #connection: Connection;
  #sandboxes: Sandbox[] = [];
  #names = 0;

  constructor(target: Target) {
    this.target = target;
    this.#connection = new Connection(target.endpoint);
    this.network = this.#connection.client(services.network);
  }

  get config() {
    const { type, options } = this.target.options;
    return {
      cni_version: "1.1.0",
      name: this.target.options["network"] ?? this.target.prefix,
      type: type ?? "",
      options: toStruct(JSON.parse(options ?? "{}") as JsonObject),
    };
  }

  /** A fresh network namespace. */
  async sandbox(): Promise<Sandbox> {
    const id = `${this.target.prefix}-${++this.#names}`;
    await run("ip", ["netns", "add", id]);
    const sandbox = { id, netns: `/run/netns/${id}` };
    this.#sandboxes.push(sandbox);
    return sandbox;
  }

  attachment({ id, netns }: Sandbox) {
    return {
      container_id: id,
      ifname,
      netns,
      args: { K8S_POD_NAMESPACE: "default", K8S_POD_NAME: id, K8S_POD_UID: id },
    };
  }

  async add(sandbox: Sandbox) {
    const { result } = await this.network.add({ config: this.config, attachment: this.attachment(sandbox) });
    return result!;
  }

  async del(sandbox: Sandbox): Promise<void> {
    await this.network.del({ config: this.config, attachment: this.attachment(sandbox) });
  }

  /** Names of the links in a namespace, loopback left out. */
  async links(sandbox: Sandbox): Promise<string[]> {
    const { stdout } = await run("ip", ["-netns", sandbox.id, "-json", "link", "show"]);
    return (JSON.parse(stdout) as { ifname: string }[])
      .map((link) => link.ifname)
      .filter((name) => name !== "lo");
  }

  async removeNamespace({ id }: Sandbox): Promise<void> {
    await run("ip", ["netns", "delete", id]);
  }

  forgetNamespace(sandbox: Sandbox): void {
    this.#sandboxes = this.#sandboxes.filter((one) => one !== sandbox);
  }

  /** A second GC must find nothing more of ours: what it releases was left behind by DEL. */
  async cleanUp(): Promise<string[]> {
    for (const sandbox of this.#sandboxes.splice(0).toReversed()) {
      await this.del(sandbox);
      await this.removeNamespace(sandbox);
    }
    const { released } = await this.network.gc({ config: this.config, valid_attachments: [] });
    return released.map(({ container_id }) => `attachment of ${container_id}`);
  }

  close(): void {
    this.#connection.dispose();
  }
}
