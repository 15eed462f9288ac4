import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { AuditLogSettings } from "../../apiserver/audit/audit-log-file.ts";

import type { EtcdSettings } from "../../store/etcd/etcd-settings.ts";

/** Where and how one core runs. All paths are absolute. */
export interface CoreSettings {
  /** Durable: store, keys, checkpoints, packages, volumes, logs. */
  readonly dataDirectory: string;
  /** Sockets; may be empty after a reboot. */
  readonly runDirectory: string;
  /** The layout that upstream plugins expect. */
  readonly kubeletRoot: string;
  readonly nodeName: string;
  /** Address that the API server and the kubelet listen on. */
  readonly address: string;
  /** Address by which pods and other machines know this node. */
  readonly nodeAddress: string;
  readonly apiPort: number;
  readonly kubeletPort: number;
  /** The etcd that holds the objects; without it a file in the data directory does. */
  readonly etcd: EtcdSettings | undefined;
  /** EncryptionConfiguration: how values lie at rest; as they are without it. */
  readonly encryptionFile?: string | undefined;
  /** Name of a shipped plugin set to install at start, or undefined to leave the Plugin objects alone. */
  readonly pluginSet: string | undefined;
  /** Folder that holds the shipped plugins. */
  readonly pluginFolder: string;
  /** Where plugins may come from; absent: from anywhere. */
  readonly allowedSources?: readonly string[];
  /** URL; npm's own when absent. */
  readonly npmRegistry?: string;
  /** Logins of OCI registries: containers-auth.json(5). */
  readonly registryAuthFile?: string;
  /** Logins of npm registries: npm's .npmrc. */
  readonly npmrc?: string;
  /** Run plugins from their folder as it stands, unverified. */
  readonly devPlugins: boolean;
  /** Take down everything on the node at the end, instead of leaving it for the next start to adopt. */
  readonly ephemeral: boolean;
  /** Absent: no audit log. */
  readonly audit?: AuditLogSettings;
}

export const defaults = {
  dataDirectory: "/var/lib/berth",
  runDirectory: "/run/berth",
  kubeletRoot: "/var/lib/kubelet",
  address: "127.0.0.1",
  apiPort: 6443,
  kubeletPort: 10250,
} as const;

/** The first address of this machine that others can reach; loopback where there is none. */
export function defaultNodeAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const reachable = all.find(
    (one) => one.family === "IPv4" && !one.internal && !one.address.startsWith("169.254."),
  );
  return reachable?.address ?? "127.0.0.1";
}

export function defaultNodeName(): string {
  return hostname()
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]/g, "-");
}

export function lockFile(settings: Pick<CoreSettings, "dataDirectory">): string {
  return join(settings.dataDirectory, "core.lock");
}

export function kubeconfigFile(settings: Pick<CoreSettings, "dataDirectory">): string {
  return join(settings.dataDirectory, "admin.conf");
}

export function storeFile(settings: Pick<CoreSettings, "dataDirectory">): string {
  return join(settings.dataDirectory, "store.db");
}

export function nodeDirectory(settings: Pick<CoreSettings, "dataDirectory" | "nodeName">): string {
  return join(settings.dataDirectory, "node", settings.nodeName);
}

/** One folder for each pod. */
export function podLogs(settings: Pick<CoreSettings, "dataDirectory" | "nodeName">): string {
  return join(nodeDirectory(settings), "logs", "pods");
}
