import { join } from "node:path";
import type { CgroupDriver } from "./config/cgroup-names.ts";
import { type CollectorLimits, defaultCollection } from "./images/image-collector.ts";
import { defaultRotation, type RotationLimits } from "./logs/log-rotator.ts";
import { defaultThresholds, type PressureThresholds } from "./node/node-conditions.ts";
import type { Reserved } from "./node/node-status.ts";

/** Where and how one node's kubelet works. Folders are absolute. */
export interface KubeletOptions {
  readonly nodeName: string;
  /** Addresses under which the node is reached, the main one first. */
  readonly addresses: readonly string[];
  /** Address and port of the kubelet's own HTTPS port; port 0 chooses a free one. */
  readonly listenHost: string;
  readonly listenPort: number;
  /** The layout that upstream drivers expect, /var/lib/kubelet. */
  readonly kubeletRoot: string;
  /** Logs of containers: `<namespace>_<name>_<uid>/<container>/<n>.log`. */
  readonly logsRoot: string;
  readonly seccompRoot: string;
  /** Control group of all pods, below the hierarchy's root. */
  readonly cgroupRoot: string;
  readonly cgroupDriver: CgroupDriver;
  readonly kubeletVersion: string;
  readonly maxPods: number;
  readonly reserved: Reserved;
  readonly thresholds: PressureThresholds;
  readonly clusterDns: { readonly servers: readonly string[]; readonly domain: string };
  readonly resolvConf: string;
  readonly nodeHostsFile: string;
  /** Labels of the Node object besides host name, operating system and architecture. */
  readonly labels: Readonly<Record<string, string>>;
  readonly logRotation: RotationLimits;
  readonly imageCollection: CollectorLimits;
}

type Required = "nodeName" | "addresses" | "kubeletRoot" | "logsRoot";

/** Options with everything that has a usual value filled in. */
export function kubeletOptions(
  own: Pick<KubeletOptions, Required> & Partial<KubeletOptions>,
): KubeletOptions {
  return {
    listenHost: own.addresses[0] ?? "127.0.0.1",
    listenPort: 10250,
    seccompRoot: join(own.kubeletRoot, "seccomp"),
    cgroupRoot: "kubepods",
    cgroupDriver: "cgroupfs",
    kubeletVersion: "v1.36.0+berth",
    maxPods: 110,
    reserved: { cpuMilli: 0, memoryBytes: 0 },
    thresholds: defaultThresholds,
    clusterDns: { servers: [], domain: "cluster.local" },
    resolvConf: "/etc/resolv.conf",
    nodeHostsFile: "/etc/hosts",
    labels: {},
    logRotation: defaultRotation,
    imageCollection: defaultCollection,
    ...own,
  };
}
