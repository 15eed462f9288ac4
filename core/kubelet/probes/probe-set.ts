import type { Pod, Probe } from "../../api/index.ts";
import { newestContainer, type PodActual } from "../actual/pod-actual.ts";
import type { RuntimeHandler } from "../../pluginhost/contracts/index.ts";
import { initContainers, type PodContainer, regularContainers } from "../pods/pod-containers.ts";
import type { PodProbes } from "../pods/pod-probes.ts";
import { ContainerProbe, type ContainerProbeParts, type ProbeKind } from "./container-probe.ts";

/** All probes of one pod. Liveness and readiness wait until the startup probe has succeeded. */
export class ProbeSet implements PodProbes {
  readonly label = "probes of a pod";
  readonly #parts: ContainerProbeParts;
  readonly #wake: () => void;
  readonly #hostIps: () => readonly string[];
  readonly #probes = new Map<string, ContainerProbe>();
  #closed = false;

  constructor(parts: ContainerProbeParts & { hostIps: () => readonly string[] }, wake: () => void) {
    this.#parts = parts;
    this.#hostIps = parts.hostIps;
    this.#wake = wake;
  }

  follow(pod: Pod, actual: PodActual, handler: RuntimeHandler): void {
    if (this.#closed) return;
    const wanted = new Set<string>();
    const served = [
      ...initContainers(pod).filter(({ role }) => role === "sidecar"),
      ...regularContainers(pod),
    ];
    for (const container of served) {
      const running = newestContainer(actual, container.spec.name);
      if (running?.phase !== "running") continue;
      for (const [kind, probe] of this.#due(container, running.id)) {
        const key = `${kind} ${running.id}`;
        wanted.add(key);
        if (this.#probes.has(key)) continue;
        const podIp = pod.spec?.hostNetwork ? this.#hostIps()[0] : actual.sandboxes[0]?.ips[0];
        const target = {
          cri: handler.cri,
          containerId: running.id,
          container: container.spec,
          podIp: podIp ?? "127.0.0.1",
        };
        const about = { pod, kind, probe, target, startedAt: running.startedAt };
        this.#probes.set(key, new ContainerProbe(this.#parts, about, this.#wake));
      }
    }
    for (const [key, probe] of this.#probes) {
      if (wanted.has(key)) continue;
      probe.dispose();
      this.#probes.delete(key);
    }
  }

  startup(containerId: string): boolean | undefined {
    return this.#probes.get(`startup ${containerId}`)?.verdict;
  }

  liveness(containerId: string): boolean | undefined {
    return this.#probes.get(`liveness ${containerId}`)?.verdict;
  }

  readiness(containerId: string): boolean | undefined {
    return this.#probes.get(`readiness ${containerId}`)?.verdict;
  }

  dispose(): void {
    this.#closed = true;
    for (const probe of this.#probes.values()) probe.dispose();
  }

  #due(container: PodContainer, id: string): [ProbeKind, Probe][] {
    const { livenessProbe, readinessProbe, startupProbe } = container.spec;
    const due: [ProbeKind, Probe][] = startupProbe ? [["startup", startupProbe]] : [];
    if (startupProbe && this.startup(id) !== true) return due;
    if (livenessProbe) due.push(["liveness", livenessProbe]);
    if (readinessProbe) due.push(["readiness", readinessProbe]);
    return due;
  }
}
