import type { RuntimeSpec } from "@berth/oci";
import type { SandboxRecord } from "@berth/cri";

/** runsc names sockets after its containers, and a socket's path has little room. */
export function shortId(id: string): string {
  return id.slice(0, 20);
}

/** Mounts that the sandbox makes itself, in its own kernel. */
const ownMounts = new Set(["/sys/fs/cgroup", "/dev/mqueue", "/dev/pts"]);

/** A container's specification as the sandbox takes it: the node's kernel is out of its reach, so filters for it are too. */
export function toGvisorSpec(spec: RuntimeSpec, rootfs: string): RuntimeSpec {
  const { seccomp: _seccomp, ...linux } = spec.linux;
  return {
    ...spec,
    root: { ...spec.root, path: rootfs },
    mounts: spec.mounts.filter(({ destination }) => !ownMounts.has(destination)),
    annotations: {
      ...spec.annotations,
      "io.kubernetes.cri.sandbox-id": shortId(spec.annotations?.["io.kubernetes.cri.sandbox-id"] ?? ""),
    },
    linux: {
      ...linux,
      // A container that joins another's processes gets the sandbox's own process namespace, which is the unnamed one.
      namespaces: linux.namespaces.filter(({ type, path }) => type !== "pid" || path === undefined),
    },
  };
}

export interface PauseSpecOptions {
  sandbox: SandboxRecord;
  rootfs: string;
  program: string;
  namespacePaths: { net?: string; ipc?: string; uts?: string };
  cgroupsPath: string;
}

/** The sandbox's first container: it holds the sandbox and does nothing. */
export function pauseSpec(options: PauseSpecOptions): RuntimeSpec {
  const { sandbox, namespacePaths } = options;
  const joined = Object.entries({
    network: namespacePaths.net,
    ipc: namespacePaths.ipc,
    uts: namespacePaths.uts,
  }).flatMap(([type, path]) =>
    path === undefined ? [] : [{ type: type as "network" | "ipc" | "uts", path }],
  );
  return {
    ociVersion: "1.0.2",
    process: {
      user: { uid: 65534, gid: 65534 },
      args: [options.program, "sh", "-c", `while :; do ${options.program} sleep 86400 & wait; done`],
      env: ["PATH=/bin"],
      cwd: "/",
      capabilities: { bounding: [], effective: [], permitted: [] },
    },
    root: { path: options.rootfs, readonly: true },
    hostname: sandbox.config.hostname,
    mounts: [{ destination: "/proc", type: "proc", source: "proc" }],
    annotations: {
      "io.kubernetes.cri.container-type": "sandbox",
      "io.kubernetes.cri.sandbox-id": shortId(sandbox.id),
    },
    linux: {
      namespaces: [{ type: "mount" }, { type: "pid" }, ...joined],
      cgroupsPath: options.cgroupsPath,
      resources: {},
    },
  };
}
