import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import { BerthError } from "@berth/base";
import type { Mount } from "@berth/proto/generated/cri/runtime/v1/Mount.ts";
import type { Pod, VolumeMount } from "../../api/index.ts";
import { type ClusterDns, podDomainName, podHostname } from "../config/dns.ts";
import { hostNetworkHosts, podHosts } from "../config/hosts-file.ts";
import { expandVariables } from "../environment/expand.ts";
import { configError } from "../errors.ts";
import type { StartDecision } from "../pods/decisions.ts";
import { podUid } from "../pods/pod-containers.ts";
import type { NodeVolumes } from "../volumes/node-volumes.ts";
import type { SubPaths } from "../volumes/sub-paths.ts";
import type { VolumeLayout } from "../volumes/volume-layout.ts";
import { makeFile } from "./pod-ground.ts";
import { ifThere } from "./if-there.ts";

const propagations = {
  None: "PROPAGATION_PRIVATE",
  HostToContainer: "PROPAGATION_HOST_TO_CONTAINER",
  Bidirectional: "PROPAGATION_BIDIRECTIONAL",
} as const;

export interface MountsParts {
  readonly layout: VolumeLayout;
  readonly volumes: NodeVolumes;
  readonly subPaths: SubPaths;
  readonly clusterDns: ClusterDns;
  /** "/etc/hosts" of the node. */
  readonly nodeHostsFile: string;
}

/** Everything that is mounted into a container: its volumes, /etc/hosts, the file for its last words. */
export class ContainerMounts {
  readonly #parts: MountsParts;

  constructor(parts: MountsParts) {
    this.#parts = parts;
  }

  /** Rejects with configError or volumeError. */
  async mounts(
    pod: Pod,
    decision: StartDecision,
    environment: ReadonlyMap<string, string>,
    podIps: readonly string[],
  ): Promise<{ mounts: Mount[]; groups: number[]; terminationMessageFile: string }> {
    const { spec } = decision.container;
    const mounts: Mount[] = [];
    for (const [index, mount] of (spec.volumeMounts ?? []).entries()) {
      mounts.push(await this.#volumeMount(pod, spec.name, index, mount, environment));
    }
    const terminationMessageFile = await this.#terminationFile(pod, decision);
    mounts.push({
      container_path: spec.terminationMessagePath ?? "/dev/termination-log",
      host_path: terminationMessageFile,
    });
    if (!(spec.volumeMounts ?? []).some((mount) => mount.mountPath === "/etc/hosts")) {
      mounts.push({ container_path: "/etc/hosts", host_path: await this.#hostsFile(pod, podIps) });
    }
    return { mounts, groups: [], terminationMessageFile };
  }

  async #volumeMount(
    pod: Pod,
    container: string,
    index: number,
    mount: VolumeMount,
    environment: ReadonlyMap<string, string>,
  ): Promise<Mount> {
    const volume = this.#parts.volumes.mounted(podUid(pod), mount.name);
    if (!volume)
      throw new BerthError(
        configError,
        `volumeMounts[${index}] of container ${container}: there is no volume "${mount.name}" in the pod`,
      );
    const subPath =
      mount.subPathExpr === undefined ? mount.subPath : this.#expand(mount.subPathExpr, environment);
    const source = subPath
      ? await this.#parts.subPaths.prepare({
          uid: podUid(pod),
          volumePath: volume.path,
          volume: volume.name,
          container,
          index,
          subPath,
        })
      : volume.path;
    const readOnly = mount.readOnly === true || volume.readOnly;
    return {
      container_path: mount.mountPath.startsWith("/") ? mount.mountPath : join("/", mount.mountPath),
      host_path: source,
      readonly: readOnly,
      recursive_read_only: readOnly && mount.recursiveReadOnly === "Enabled",
      propagation: propagations[mount.mountPropagation ?? "None"],
    };
  }

  #expand(text: string, environment: ReadonlyMap<string, string>): string {
    return expandVariables(text, (name) => {
      const value = environment.get(name);
      if (value === undefined)
        throw new BerthError(configError, `subPathExpr "${text}": there is no variable ${name}`);
      return value;
    });
  }

  async #terminationFile(pod: Pod, { attempt, container }: StartDecision): Promise<string> {
    const path = this.#parts.layout.terminationMessage(podUid(pod), container.spec.name, attempt);
    await makeFile(path, "", 0o666);
    return path;
  }

  /** Written once: a container that restarts finds what the others see. */
  async #hostsFile(pod: Pod, podIps: readonly string[]): Promise<string> {
    const { clusterDns, layout, nodeHostsFile } = this.#parts;
    const path = layout.hosts(podUid(pod));
    const aliases = pod.spec?.hostAliases ?? [];
    const text = pod.spec?.hostNetwork
      ? hostNetworkHosts(await readFile(nodeHostsFile, "utf8"), aliases)
      : podHosts({
          ips: podIps,
          hostname: podHostname(pod),
          domainName: podDomainName(pod, clusterDns.domain),
          aliases,
        });
    const present = (await ifThere(lstat(path))) && (await readFile(path, "utf8"));
    if (present !== text) await makeFile(path, text, 0o644);
    return path;
  }
}
