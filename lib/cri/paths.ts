import { randomBytes } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";

/** Where a CRI plugin keeps its files. Ids are shortened where a path of a socket may hang below. */
export class CriPaths {
  readonly #state: string;
  readonly #run: string;

  constructor(stateDirectory: string, runDirectory: string) {
    this.#state = stateDirectory;
    this.#run = runDirectory;
  }

  /** Pinned namespaces, shared memory and generated files of a sandbox: gone after a reboot, as the sandbox is. */
  get sandboxes(): string {
    return join(this.#run, "sandboxes");
  }

  sandbox(id: string): string {
    return join(this.sandboxes, id);
  }

  sandboxFile(id: string, name: "resolv.conf" | "hostname" | "hosts" | "shm"): string {
    return join(this.sandbox(id), name);
  }

  get containers(): string {
    return join(this.#state, "containers");
  }

  /** Spools of a container's output, and its stdin. */
  container(id: string): string {
    return join(this.containers, id);
  }

  /** OCI bundle with the mounted root file system, for runtimes that are given one. */
  bundle(id: string): string {
    return join(this.#run, "bundles", id);
  }

  /** Notes of an OCI runtime about its containers. */
  get runtimeRoot(): string {
    return join(this.#run, "runtime");
  }

  /** A socket for one configuration's streaming server: two configurations can be there at once. */
  newStreamingSocket(): string {
    return join(this.#run, `s-${randomBytes(4).toString("hex")}.sock`);
  }

  /** Sockets of streaming servers, also those that killed processes left. */
  streamingSockets(): string[] {
    const names = readdirSync(this.#run).filter((name) => /^s-[0-9a-f]+\.sock$/.test(name));
    return names.map((name) => join(this.#run, name));
  }

  get execs(): string {
    return join(this.#state, "execs");
  }
}
