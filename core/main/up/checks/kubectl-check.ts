import type { Event } from "../../../api/index.ts";
import { KubectlError } from "../kubectl.ts";
import { type Check, expectThat } from "./check.ts";

const listed: readonly (readonly [resource: string, expected: string])[] = [
  ["nodes", "Ready"],
  ["pods", "Running"],
  ["pvc", "Bound"],
  ["pv", "Bound"],
  ["storageclasses", "hostpath.csi.berth.dev"],
  ["runtimeclasses", "gvisor"],
  ["events", "Scheduled"],
  ["plugins", "cni-bridge"],
  ["plugininstances", "ready"],
];

const described = [
  "node",
  "pod/web",
  "pvc/notebook",
  "storageclass/hostpath",
  "runtimeclass/gvisor",
  "plugin/csi-hostpath",
];

export const kubectlCheck: Check = {
  title: "real kubectl gets, describes, applies, waits, follows logs and deletes",
  async run({ kubectl, image }) {
    for (const [resource, expected] of listed) {
      const table = await kubectl.run(["get", resource]);
      expectThat(
        table.includes(expected),
        `kubectl get ${resource} should show "${expected}", it shows:\n${table}`,
      );
    }
    for (const object of described) {
      const text = await kubectl.run(["describe", ...object.split(" ")]);
      expectThat(
        text.includes("Name:"),
        `kubectl describe ${object} should tell about it, it says:\n${text}`,
      );
    }
    await kubectl.run(["create", "deployment", "kubectl-check", `--image=${image}`, "--", "sleep", "3600"]);
    try {
      await kubectl.wait("deployment/kubectl-check", "condition=Available");
      const events = await kubectl.json<{ items: Event[] }>(["get", "events"]);
      const vague = events.items.find((event) => /unknown/i.test(event.message ?? ""));
      expectThat(!vague, `no event should say "unknown", this one does: ${vague?.message}`);
    } finally {
      await kubectl.run(["delete", "deployment", "kubectl-check", "--wait=true", "--cascade=foreground"]);
    }
    const misspelt = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "misspelt" },
      dataa: { key: "value" },
    };
    const refusal = await kubectl.apply(JSON.stringify(misspelt)).then(
      () => "it was accepted",
      (error: Error) => (error instanceof KubectlError ? error.stderr : error.message),
    );
    expectThat(
      refusal.includes("dataa"),
      `a misspelt field should be refused by its name, the answer was: ${refusal}`,
    );
  },
};
