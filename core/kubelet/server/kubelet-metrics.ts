import { Gauge, Registry } from "prom-client";
import type { PodManager } from "../pods/pod-manager.ts";

/** Figures of one kubelet, in a registry of its own: two nodes may live in one process. */
export class KubeletMetrics {
  readonly #registry = new Registry();

  constructor(manager: PodManager) {
    const registers = [this.#registry];
    const pods = new Gauge({
      name: "kubelet_running_pods",
      help: "Pods that have a running container",
      registers,
      collect() {
        const running = manager.workers.filter(({ actual }) =>
          actual.containers.some(({ phase }) => phase === "running"),
        );
        pods.set(running.length);
      },
    });
    const containers = new Gauge({
      name: "kubelet_running_containers",
      help: "Containers by the state that the runtime tells",
      labelNames: ["container_state"] as const,
      registers,
      collect() {
        containers.reset();
        for (const { actual } of manager.workers) {
          for (const { phase } of actual.containers) containers.inc({ container_state: phase });
        }
      },
    });
    const workers = new Gauge({
      name: "kubelet_pod_workers",
      help: "Pods that the node looks after, ending ones included",
      registers,
      collect() {
        workers.set(manager.workers.length);
      },
    });
  }

  async render(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }
}
