import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ServiceAccount } from "../../core/api/index.ts";
import { type ApiClient, clientOf, resources, waitFor } from "../../core/client/index.ts";
import { importImage } from "../../core/main/images/import-image.ts";
import { buildExampleImage } from "../../tools/example-image/build-example-image.ts";
import { startBuiltCore, untilReady } from "../support/built-core.ts";
import { startContainerdCri } from "../support/containerd-cri.ts";
import { measurePods } from "./pods-cri.ts";
import { PodWatch } from "./pods/pod-watch.ts";
import { type BenchSuite, median, percentile, type Report, rounded } from "./suite.ts";

const plugins = 5;
const patienceMs = 60_000;
const warmUps = 2;
const pods = 30;
const atOnce = 30;
const image = "berth.dev/bench:1";

/** From the creation of a pod to Ready as a watch tells it, beside containerd's own CRI without a kubelet. */
export const suite: BenchSuite = {
  name: "pods",
  async run(report) {
    const folder = await mkdtemp(join(tmpdir(), "berth-bench-pods-"));
    try {
      return await measure(folder, report);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measure(folder: string, report: Report): ReturnType<BenchSuite["run"]> {
  const archive = join(folder, "image.tar");
  await buildExampleImage({ output: archive, reference: image, busybox: "/bin/busybox" });
  await using core = await startBuiltCore({ name: "pods", bridge: "bbpods0", subnet: "10.123.2.0/24" });
  const client = await core.client();
  await untilReady(client, plugins, AbortSignal.timeout(patienceMs));
  report("ready; importing the image");
  await importImage(core.kubeconfig, core.nodeName, archive);
  report("waiting for the account of the namespace");
  await waitForAccount(client);
  report("starting the peer");
  await using peer = await startContainerdCri({
    network: { bridge: "bbpeer0", subnet: "10.123.3.0/24", masquerade: true },
  });
  await using watch = await PodWatch.open(client);

  const own: number[] = [];
  const peers: number[] = [];
  for (let index = 0; index < warmUps + pods; index++) {
    const ready = await watch.run(`one-${index}`, image);
    const [time] = await measurePods(peer.cri, { count: 1, image: peer.image, prefix: `peer-${index}` });
    if (index < warmUps) continue;
    own.push(ready);
    peers.push(time!.total);
    report(
      `pod ${index - warmUps + 1}: berth ${ready.toFixed(0)} ms, containerd-cri ${time!.total.toFixed(0)} ms`,
    );
  }
  const perSecond = await manyAtOnce(watch);
  return {
    figures: {
      "pods.ready_ms.p50": rounded(median(own)),
      "pods.ready_ms.p99": rounded(percentile(own, 0.99)),
      "pods.pods_per_s": rounded(perSecond),
    },
    peers: {
      "containerd-cri": {
        "pods.ready_ms.p50": rounded(median(peers)),
        "pods.ready_ms.p99": rounded(percentile(peers, 0.99)),
      },
    },
  };
}

async function manyAtOnce(watch: PodWatch): Promise<number> {
  const names = Array.from({ length: atOnce }, (_, index) => `many-${index}`);
  const begin = performance.now();
  await Promise.all(names.map((name) => watch.ready(name, image)));
  const seconds = (performance.now() - begin) / 1000;
  await Promise.all(names.map((name) => watch.gone(name)));
  return atOnce / seconds;
}

/** Pods are refused until a controller has made the namespace's own account. */
async function waitForAccount(client: ApiClient): Promise<void> {
  await waitFor<ServiceAccount>(
    clientOf(client, resources.serviceAccounts),
    "default",
    (account) => account !== undefined,
    { namespace: "default", signal: AbortSignal.timeout(patienceMs) },
  );
}
