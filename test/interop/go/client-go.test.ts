import { execFile, spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { DisposableStack } from "@berth/base";
import { resources, clientOf } from "../../../core/client/index.ts";
import { startTestApiServer } from "../../support/api-server.ts";
import { eventually } from "../../support/cri-node.ts";
import { cronTabs } from "../../support/custom-resources.ts";
import { startKubectl } from "../../support/kubectl.ts";

const go = ["go", "/usr/local/go/bin/go"].find((file) => spawnSync(file, ["version"]).status === 0);
const folder = join(import.meta.dirname, "client-go");
const environment = { ...process.env, GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local" };
const why = await reason();
if (why) console.warn(`SKIPPED: no program written with client-go was tried: ${why}`);

/** Why the program cannot be built here; downloading its modules is part of asking. */
async function reason(): Promise<string | undefined> {
  if (!go) return "there is no Go";
  try {
    await promisify(execFile)(go, ["mod", "download"], { cwd: folder, env: environment, timeout: 120_000 });
    return undefined;
  } catch (error) {
    return `its modules could not be had: ${String((error as { stderr?: string }).stderr).split("\n", 1)[0]}`;
  }
}

/** Path of the program, in a folder that goes with the stack. */
async function build(source: string, stack: DisposableStack): Promise<string> {
  const scratch = await mkdtemp(join(tmpdir(), "berth-client-go-"));
  stack.defer("folder", () => rm(scratch, { recursive: true, force: true }));
  const program = join(scratch, "program");
  await promisify(execFile)(go!, ["build", "-o", program, source], { cwd: folder, env: environment });
  return program;
}

test.skipIf(why)(
  "the one schema that client-go reads has kinds, merge keys and patch types, of custom kinds too",
  { timeout: 600_000 },
  async () => {
    const stack = new DisposableStack("client-go");
    try {
      const program = await build("./schema", stack);
      const tool = await startKubectl();
      stack.defer("API server", () => tool.dispose());
      await tool.run("apply", "-f", await tool.manifest("kind", cronTabs()));
      await tool.run(
        "wait",
        "--for=condition=Established",
        "crd/crontabs.stable.example.com",
        "--timeout=60s",
      );
      const { stdout } = await promisify(execFile)(program, [], { env: tool.environment });
      const json = "application/json-patch+json application/merge-patch+json";
      const apply = "application/apply-patch+yaml";
      const all = `[${json} application/strategic-merge-patch+json ${apply}]`;
      expect(stdout.trim().split("\n")).toEqual([
        `Deployment spec.template.spec.containers merge name [name] ${all}`,
        `Deployment spec.template.spec.containers.ports merge containerPort [containerPort protocol] ${all}`,
        `Service spec.ports merge port [port protocol] ${all}`,
        `CronTab spec.cronSpec <nil> <nil> <nil> [${json} ${apply}]`,
        `CronTab spec.ports <nil> <nil> [name] [${json} ${apply}]`,
      ]);
    } finally {
      await stack.dispose();
    }
  },
);

test.skipIf(why)(
  "a controller made of client-go's informer, work queue, leader election and dynamic client works",
  { timeout: 600_000 },
  async () => {
    const stack = new DisposableStack("client-go");
    try {
      const program = await build(".", stack);
      const api = await startTestApiServer();
      stack.defer("API server", () => api.dispose());
      const admin = await api.client("in-process");
      const maps = clientOf(admin, resources.configMaps);
      const at = { namespace: "default" };
      const ask = (name: string): Promise<unknown> =>
        maps.create(
          {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name, labels: { greet: "" } },
            data: { who: name },
          },
          at,
        );
      await ask("first");
      const child = spawn(program, { env: { ...process.env, KUBECONFIG: api.kubeconfig } });
      stack.defer("greeter", () => void child.kill());
      let text = "";
      for (const stream of [child.stdout, child.stderr])
        stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
      const said = (): string => text;
      await eventually(said, (lines) => lines.includes("answered first Secret"));
      await maps.delete("first", at);
      await eventually(said, (lines) => lines.includes("gone first"));
      await ask("last");
      const ended = await eventually(
        () => child.exitCode ?? child.signalCode,
        (code) => code !== null,
      );
      expect([ended, text]).toEqual([0, expect.stringMatching(/^leading\nsynced\n/m)]);
      const lease = await clientOf(admin, resources.leases).get("greeter", at);
      expect(lease.spec).toMatchObject({ holderIdentity: "", leaseDurationSeconds: 1 });
    } finally {
      await stack.dispose();
    }
  },
);
