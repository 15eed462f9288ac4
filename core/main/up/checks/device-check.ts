import type { Pod } from "../../../api/index.ts";
import { type Check, type CheckContext, expectThat } from "./check.ts";

const resource = "nvidia.com/gpu";
const others = ["gpu-2", "gpu-3", "gpu-4"];
const oneTooMany = "gpu-5";

export const deviceCheck: Check = {
  title: "device-gpu (simulated silicon) hands out 4 devices; the fifth request waits and says why",
  async run(context) {
    const { kubectl } = context;
    const column = `jsonpath={.items[0].status.allocatable.nvidia\\.com/gpu}`;
    const allocatable = await kubectl.run(["get", "nodes", "-o", column]);
    expectThat(allocatable === "4", `the node should offer ${resource}: 4, it offers "${allocatable}"`);
    await kubectl.wait("pod/gpu", "condition=Ready");
    const log = await kubectl.logsUntil("gpu", "/dev/nvidia");
    expectThat(
      /devices: \S+/.test(log),
      `pod gpu should have its device ids in NVIDIA_VISIBLE_DEVICES, got: ${log}`,
    );
    try {
      for (const name of others) await kubectl.apply(gpuPod(context, name));
      for (const name of others) await kubectl.wait(`pod/${name}`, "condition=Ready");
      await kubectl.apply(gpuPod(context, oneTooMany));
      await kubectl.wait(
        `pod/${oneTooMany}`,
        'jsonpath={.status.conditions[?(@.type=="PodScheduled")].status}=False',
      );
      const pod = await kubectl.json<Pod>(["get", "pod", oneTooMany]);
      const message =
        pod.status?.conditions?.find((condition) => condition.type === "PodScheduled")?.message ?? "";
      expectThat(
        message.includes(`Insufficient ${resource}`),
        `the fifth pod should say what is missing: ${message}`,
      );
    } finally {
      await kubectl.run(["delete", "pod", "--ignore-not-found", "--wait=true", ...others, oneTooMany]);
    }
  },
};

function gpuPod({ image }: CheckContext, name: string): string {
  const command = ["sh", "-c", "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name },
    spec: {
      terminationGracePeriodSeconds: 1,
      containers: [{ name: "user", image, command, resources: { limits: { [resource]: "1" } } }],
    },
  });
}
