import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { BerthError } from "@berth/base";
import {
  type ContainerdClient,
  ignoringNotFound,
  isContainerdError,
  jsonAny,
  jsonType,
} from "@berth/containerd";
import {
  type CriPaths,
  namespacePaths,
  namespacesOf,
  type RuntimeChoice,
  type SandboxRecord,
  sandboxCgroup,
  unsupported,
} from "@berth/cri";
import type { RuntimeSpec } from "@berth/oci";

const sigkill = 9;

/**
 * The process that holds a process namespace for a pod with `shareProcessNamespace`; no other pod has one. It is a shell
 * that only waits, so it also buries the orphans of the pod.
 */
export class PausePods {
  readonly #containerd: ContainerdClient;
  readonly #paths: CriPaths;
  readonly #busybox: string;

  /** `busybox` is a statically linked one; empty when there is none. */
  constructor(containerd: ContainerdClient, paths: CriPaths, busybox: string) {
    this.#containerd = containerd;
    this.#paths = paths;
    this.#busybox = busybox;
  }

  async start(sandbox: SandboxRecord, _runtime: RuntimeChoice): Promise<void> {
    if (!namespacesOf(sandbox.config).sharedPid) return;
    if (this.#busybox === "") {
      throw new BerthError(
        unsupported,
        "shareProcessNamespace needs a static busybox to hold the namespace: install busybox-static or set config.pauseProgram",
      );
    }
    const rootfs = join(this.#paths.sandbox(sandbox.id), "pause");
    mkdirSync(join(rootfs, "proc"), { recursive: true });
    mkdirSync(join(rootfs, "bin"));
    await this.#containerd.containers.update({
      container: { id: sandbox.id, spec: jsonAny(jsonType.spec, this.#spec(sandbox)) },
      update_mask: { paths: ["spec"] },
    });
    await this.#containerd.tasks.create({
      container_id: sandbox.id,
      rootfs: [{ type: "bind", source: rootfs, options: ["rbind", "rw"] }],
    });
    await this.#containerd.tasks.start({ container_id: sandbox.id });
  }

  async stop(sandbox: SandboxRecord): Promise<void> {
    if (!namespacesOf(sandbox.config).sharedPid) return;
    const request = { container_id: sandbox.id };
    try {
      await this.#containerd.tasks.kill({ ...request, signal: sigkill, all: true });
      await this.#containerd.tasks.wait(request);
    } catch (error) {
      if (!isContainerdError(error, "NOT_FOUND", "FAILED_PRECONDITION")) throw error;
    }
    await ignoringNotFound(this.#containerd.tasks.delete(request));
  }

  async pid(sandbox: SandboxRecord): Promise<number | undefined> {
    const found = await ignoringNotFound(this.#containerd.tasks.get({ container_id: sandbox.id }));
    return found?.process?.status === "RUNNING" ? found.process.pid : undefined;
  }

  #spec(sandbox: SandboxRecord): RuntimeSpec {
    const { net, ipc, uts } = namespacePaths(sandbox, this.#paths);
    return {
      ociVersion: "1.0.2",
      process: {
        user: { uid: 65534, gid: 65534 },
        // A background sleep per turn, because a shell without a child returns from `wait` at once.
        args: ["/bin/busybox", "sh", "-c", "while :; do busybox sleep 86400 & wait; done"],
        env: ["PATH=/bin"],
        cwd: "/",
        capabilities: { bounding: [], effective: [], permitted: [] },
        noNewPrivileges: true,
      },
      root: { path: "rootfs", readonly: true },
      mounts: [
        { destination: "/proc", type: "proc", source: "proc", options: ["nosuid", "noexec", "nodev"] },
        { destination: "/bin/busybox", type: "bind", source: this.#busybox, options: ["bind", "ro"] },
      ],
      annotations: {
        "io.kubernetes.cri.container-type": "sandbox",
        "io.kubernetes.cri.sandbox-id": sandbox.id,
      },
      linux: {
        namespaces: [
          { type: "mount" },
          { type: "pid" },
          ...(net === undefined ? [] : [{ type: "network" as const, path: net }]),
          ...(ipc === undefined ? [] : [{ type: "ipc" as const, path: ipc }]),
          ...(uts === undefined ? [] : [{ type: "uts" as const, path: uts }]),
        ],
        cgroupsPath: `${sandboxCgroup(sandbox)}/${sandbox.id}`,
        resources: { devices: [{ allow: false, access: "rwm" }] },
      },
    };
  }
}
