import type { Pod } from "../../../api/index.ts";
import { type Check, expectThat } from "./check.ts";
import { runOneShotPod } from "./one-shot-pod.ts";

export const sandboxCheck: Check = {
  title: "cri-gvisor runs a pod under gVisor; pods of both runtimes talk to each other",
  async run(context) {
    const { kubectl } = context;
    await kubectl.wait("pod/sandboxed", "condition=Ready");
    await kubectl.logsUntil("sandboxed", "gVisor");
    const web = await kubectl.json<Pod>(["get", "pod", "web"]);
    const sandboxed = await kubectl.json<Pod>(["get", "pod", "sandboxed"]);
    const page = await runOneShotPod(context, {
      name: "from-gvisor",
      runtimeClassName: "gvisor",
      script: `wget -qO- http://${web.status?.podIP}:8080/index.html`,
    });
    expectThat(page.includes("hello"), `a gVisor pod should read the page of pod web, got: ${page}`);
    const ping = await runOneShotPod(context, {
      name: "to-gvisor",
      script: `ping -c 1 -W 5 ${sandboxed.status?.podIP}`,
    });
    expectThat(
      ping.includes(" 0% packet loss"),
      `pod sandboxed should answer a ping from a runc pod, got: ${ping}`,
    );
  },
};
