import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";

const folders = ["/usr/lib/cni", "/opt/cni/bin"];
const needed = ["bridge", "host-local", "portmap"];

/** Where the upstream plugins are; undefined when they are not installed, and then there is no peer. */
export function findCniBinaries(): string | undefined {
  return folders.find((folder) => needed.every((name) => existsSync(join(folder, name))));
}

export interface CniNetwork {
  readonly bridge: string;
  readonly subnet: string;
  /** Where host-local keeps its leases. */
  readonly dataDir: string;
}

/** bridge + host-local + portmap, called one after the other as a CNI runtime does. */
export class CniBinaries {
  readonly #folder: string;
  readonly #network: CniNetwork;

  constructor(folder: string, network: CniNetwork) {
    this.#folder = folder;
    this.#network = network;
  }

  async add(id: string, netns: string, hostPort: number): Promise<void> {
    const result = await this.#call("bridge", "ADD", id, netns, this.#bridge());
    await this.#call("portmap", "ADD", id, netns, {
      ...portmap(hostPort),
      prevResult: JSON.parse(result) as object,
    });
    this.#results.set(id, JSON.parse(result) as object);
  }

  async del(id: string, netns: string, hostPort: number): Promise<void> {
    const prevResult = this.#results.get(id);
    await this.#call("portmap", "DEL", id, netns, { ...portmap(hostPort), prevResult });
    await this.#call("bridge", "DEL", id, netns, { ...this.#bridge(), prevResult });
    this.#results.delete(id);
  }

  readonly #results = new Map<string, object>();

  #bridge(): object {
    const { bridge, subnet, dataDir } = this.#network;
    return {
      type: "bridge",
      bridge,
      isGateway: true,
      ipMasq: true,
      hairpinMode: true,
      ipam: { type: "host-local", dataDir, ranges: [[{ subnet }]], routes: [{ dst: "0.0.0.0/0" }] },
    };
  }

  async #call(program: string, verb: string, id: string, netns: string, config: object): Promise<string> {
    const child = spawn(join(this.#folder, program), {
      stdio: ["pipe", "pipe", "inherit"],
      env: {
        PATH: process.env["PATH"],
        CNI_COMMAND: verb,
        CNI_CONTAINERID: id,
        CNI_NETNS: netns,
        CNI_IFNAME: "eth0",
        CNI_PATH: this.#folder,
      },
    });
    child.stdin.end(JSON.stringify({ cniVersion: "1.0.0", name: this.#network.bridge, ...config }));
    const closed = new Promise<number | null>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", resolve);
    });
    const said = await text(child.stdout);
    if ((await closed) !== 0) throw new Error(`${program} ${verb}: ${said}`);
    return said;
  }
}

function portmap(hostPort: number): object {
  return {
    type: "portmap",
    capabilities: { portMappings: true },
    snat: true,
    runtimeConfig: { portMappings: [{ hostPort, containerPort: 80, protocol: "tcp" }] },
  };
}
