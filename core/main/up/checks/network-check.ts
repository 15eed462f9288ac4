import type { Node, Pod } from "../../../api/index.ts";
import { type Check, expectThat } from "./check.ts";
import { runOneShotPod } from "./one-shot-pod.ts";

export const networkCheck: Check = {
  title: "cni-bridge gives every pod an address; pods reach each other and the node",
  async run(context) {
    const { kubectl } = context;
    const web = await kubectl.json<Pod>(["get", "pod", "web"]);
    const client = await kubectl.json<Pod>(["get", "pod", "client"]);
    const address = web.status?.podIP ?? "";
    expectThat(address !== "", "pod web should have an address in status.podIP, it has none");
    expectThat(
      client.status?.podIP !== address,
      `pods web and client should not share the address ${address}`,
    );
    const nodes = await kubectl.json<{ items: Node[] }>(["get", "nodes"]);
    const node = nodes.items[0]?.status?.addresses?.find((entry) => entry.type === "InternalIP")?.address;
    const log = await runOneShotPod(context, {
      name: "network-check",
      script: `wget -qO- http://${address}:8080/index.html && ping -c 1 -W 2 ${node} >/dev/null && echo node answered`,
    });
    expectThat(
      log.includes("hello from the other container"),
      `the page of pod web should come back, got: ${log}`,
    );
    expectThat(
      log.includes("node answered"),
      `the node ${node} should answer a ping from a pod, got: ${log}`,
    );
  },
};
