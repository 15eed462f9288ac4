import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildExampleImage } from "../../../tools/example-image/build-example-image.ts";
import { connectCri, importArchive } from "../../support/cri-pod.ts";
import { startPluginProcess } from "../../support/plugin-process.ts";
import { startPrivateContainerd } from "../../support/private-containerd.ts";
import { endNetwork, startNetwork } from "./cni-suite.ts";
import { runGinkgo } from "./ginkgo.ts";
import type { GoProgram } from "./go-program.ts";
import type { Tally } from "./tally.ts";

export const critest: GoProgram = {
  name: "critest",
  module: "sigs.k8s.io/cri-tools",
  version: "v1.34.0",
  package: "./cmd/critest",
  test: true,
};

/** Cases that say nothing about the plugin here, or where it differs on purpose. */
const left: readonly { readonly why: string; readonly cases: readonly string[] }[] = [
  {
    why: "they pull images that only a public registry has",
    cases: [
      "Image Manager",
      "image user",
      "NoNewPrivs",
      "Multiple Containers",
      "portforward in host network",
      "support (Host|Pod|Container)PID",
    ],
  },
  {
    why: "they need ipcs, pgrep or an ls of its own in the image, which Debian's busybox has not",
    cases: ["support HostIpc", "execSync with timeout", "support MaskedPaths"],
  },
  {
    why: "a container without a profile gets the runtime's default one; kubelets say Unconfined when they mean it",
    cases: ["support nil profile, which is unconfined"],
  },
];

const images = {
  defaultTestContainerImage: "localhost/interop/busybox:1",
  webServerTestImage: "localhost/interop/web:1",
};

/** Stands in for a public image of which only the user and group files matter. */
const knownGroup = {
  reference: "gcr.io/k8s-staging-cri-tools/test-image-predefined-group:latest",
  files: [
    { path: "etc/passwd", content: "root:x:0:0::/:/bin/sh\ndefault-user:x:1000:1000::/:/bin/sh\n" },
    {
      path: "etc/group",
      content: "root:x:0:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n",
    },
  ],
};

export async function runCriSuite(program: string, root: string, folder: string): Promise<Tally> {
  const plugins = join(root, "plugins");
  const manifest = join(plugins, "cri-containerd/plugin.json");
  await using containerd = await startPrivateContainerd(manifest);
  const network = await startNetwork(root, join(folder, "n"));
  const options = { containerd: containerd.endpoint, "network-endpoint": network.endpoint };
  const config = { streaming: "loopback" };
  const plugin = await startPluginProcess(
    join(plugins, "cri-containerd"),
    join(folder, "c"),
    options,
    config,
  );
  const cri = connectCri(plugin.endpoint);
  try {
    for (const [reference, command] of [
      [images.defaultTestContainerImage, ["sh"]],
      [images.webServerTestImage, ["httpd", "-f", "-p", "80", "-h", "/www"]],
    ] as const) {
      const output = join(folder, "image.tar");
      await buildExampleImage({ output, reference, busybox: "/bin/busybox", command });
      await importArchive(cri, output);
    }
    const output = join(folder, "group.tar");
    const { reference, files: extraFiles } = knownGroup;
    await buildExampleImage({ output, reference, busybox: "/bin/busybox", extraFiles });
    await importArchive(cri, output);
    const list = join(folder, "images.json");
    writeFileSync(list, JSON.stringify(images));
    for (const { why, cases } of left) console.log(`  skipped, ${why}: ${cases.join(", ")}`);
    const args = [`--runtime-endpoint=${plugin.endpoint}`, `--test-images-file=${list}`];
    const skip = left.flatMap(({ cases }) => cases);
    // Streams are SPDY unless the suite is told otherwise.
    const tally = await runGinkgo(program, args, { folder, skip });
    const webSocket = ["exec", "attach", "portforward"].map((verb) => `--websocket-${verb}`);
    const again = await runGinkgo(program, [...args, ...webSocket], { folder, skip, focus: "Streaming" });
    const over = ({ name, why }: Tally["failed"][number]) => ({ name: `${name} (over WebSocket)`, why });
    const failed = [...tally.failed, ...again.failed.map(over)];
    return { passed: tally.passed + again.passed, failed, skipped: tally.skipped };
  } finally {
    const { items } = await cri.runtime.listPodSandbox({});
    for (const { id } of items) await cri.runtime.removePodSandbox({ pod_sandbox_id: id });
    cri.close();
    await plugin.kill("SIGTERM");
    await endNetwork(network);
  }
}
