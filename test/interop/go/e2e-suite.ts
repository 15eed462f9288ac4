import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { execa } from "execa";
import {
  buildExampleImage,
  type ExampleImageOptions,
} from "../../../tools/example-image/build-example-image.ts";
import { freePorts } from "../../support/free-ports.ts";
import { runGinkgo } from "./ginkgo.ts";
import { buildGoProgram, type GoProgram } from "./go-program.ts";
import { kubernetesModule } from "./kubernetes-module.ts";
import type { Tally } from "./tally.ts";

/** The tests by which distributions of Kubernetes are certified. */
export const e2eTest: GoProgram = {
  ...kubernetesModule,
  name: "e2e.test",
  package: "./test/e2e",
  test: true,
};

const agnhost: GoProgram = { ...kubernetesModule, name: "agnhost", package: "./test/images/agnhost" };

const focus = String.raw`\[sig-(api-machinery|auth|instrumentation|architecture)\].*\[Conformance\]`;

/** Specs that need what is not here. */
const left: readonly { readonly why: string; readonly cases: readonly string[] }[] = [
  { why: "the core has no controller for them", cases: ["ReplicationController", String.raw`\brcs?\b`] },
  { why: "they need an image of a sample server that is not in the module", cases: ["Aggregator"] },
  { why: "they take minutes each", cases: [String.raw`\[Slow\]`] },
];

/** Against one whole node, brought up as a user does. */
export async function runE2eSuite(
  program: string,
  root: string,
  folder: string,
  wanted: readonly string[],
): Promise<Tally> {
  const [port, kubeletPort] = (await freePorts(2)) as [number, number];
  const data = join(folder, "data");
  const kubeconfig = join(data, "admin.conf");
  const log = openSync(join(folder, "core.log"), "w");
  const berth = join(root, "dist/cli/berth.js");
  const places = { "data-dir": data, "run-dir": join(folder, "r"), "kubelet-root": join(folder, "k") };
  const options = { ...places, port, "kubelet-port": kubeletPort, "node-name": "e2e" };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const core = spawn(process.execPath, [berth, "up", ...args], { stdio: ["ignore", log, log] });
  closeSync(log);
  const ended = once(core, "exit");
  try {
    while (!readFileSync(join(folder, "core.log"), "utf8").includes("try next:")) {
      if (core.exitCode !== null) throw new Error(readFileSync(join(folder, "core.log"), "utf8"));
      await sleep(200);
    }
    for (const image of await images(folder)) {
      await buildExampleImage(image);
      await execa(process.execPath, [berth, "image", "import", image.output, "--node", "e2e"], {
        env: { KUBECONFIG: kubeconfig },
      });
    }
    for (const { why, cases } of left) console.log(`  skipped, ${why}: ${cases.join(", ")}`);
    const flags = ["-provider=skeleton", "-allowed-not-ready-nodes=-1", "-minStartupPods=0"];
    const tally = await runGinkgo(program, [`-kubeconfig=${kubeconfig}`, ...flags], {
      folder,
      focus: wanted[0] ?? focus,
      skip: left.flatMap(({ cases }) => cases),
      minutes: 60,
    });
    // Thousands of specs are skipped because nobody asked for them.
    return { ...tally, skipped: [] };
  } finally {
    core.kill("SIGINT");
    await ended;
  }
}

/** The images that specs name, as far as they can be made here. */
async function images(folder: string): Promise<ExampleImageOptions[]> {
  const content = readFileSync(await buildGoProgram(agnhost));
  const extraFiles = [{ path: "agnhost", content, mode: 0o755 }];
  const tools = "registry.k8s.io/e2e-test-images";
  const image = (reference: string, more: Partial<ExampleImageOptions>): ExampleImageOptions => ({
    output: join(folder, `${reference.replaceAll(/\W/g, "-")}.tar`),
    reference,
    busybox: "/bin/busybox",
    ...more,
  });
  return [
    image(`${tools}/agnhost:2.63.0`, { extraFiles, entrypoint: ["/agnhost"], command: ["pause"] }),
    image("registry.k8s.io/pause:3.10.2", { extraFiles, entrypoint: ["/agnhost"], command: ["pause"] }),
    image(`${tools}/busybox:1.37.0-1`, { command: ["sh"] }),
    image(`${tools}/nginx:1.15-4`, { command: ["httpd", "-f", "-p", "80", "-h", "/www"] }),
  ];
}
