import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { containerConfig, type CriClient, podConfig } from "../support/cri-pod.ts";

/** Milliseconds of one pod, from the first call until its container runs. */
export interface PodTimes {
  sandbox: number;
  create: number;
  start: number;
  total: number;
}

/** Starts and removes `count` pods one after the other through any CRI socket that has the image. */
export async function measurePods(
  cri: CriClient,
  options: { count: number; image: string; prefix: string; handler?: string },
): Promise<PodTimes[]> {
  const logFolder = mkdtempSync(join(tmpdir(), "berth-bench-logs-"));
  const times: PodTimes[] = [];
  try {
    for (let index = 0; index < options.count; index++) {
      times.push(await measurePod(cri, { ...options, logFolder, name: `${options.prefix}-${index}` }));
    }
  } finally {
    rmSync(logFolder, { recursive: true, force: true });
  }
  return times;
}

async function measurePod(
  cri: CriClient,
  options: { image: string; handler?: string; logFolder: string; name: string },
): Promise<PodTimes> {
  const config = podConfig(options);
  const container = { ...containerConfig("main", ["sleep", "1000"]), image: { image: options.image } };
  const begin = performance.now();
  const { pod_sandbox_id } = await cri.runtime.runPodSandbox({
    config,
    runtime_handler: options.handler ?? "",
  });
  try {
    const sandboxed = performance.now();
    const { container_id } = await cri.runtime.createContainer({
      pod_sandbox_id: pod_sandbox_id,
      config: container,
      sandbox_config: config,
    });
    const created = performance.now();
    await cri.runtime.startContainer({ container_id: container_id });
    const started = performance.now();
    return {
      sandbox: sandboxed - begin,
      create: created - sandboxed,
      start: started - created,
      total: started - begin,
    };
  } finally {
    await cri.runtime.stopPodSandbox({ pod_sandbox_id: pod_sandbox_id });
    await cri.runtime.removePodSandbox({ pod_sandbox_id: pod_sandbox_id });
  }
}

/** The middle one; of an even number the lower middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
