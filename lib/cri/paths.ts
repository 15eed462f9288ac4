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

  get execs(): string {
    return join(this.#state, "execs");
  }
}
