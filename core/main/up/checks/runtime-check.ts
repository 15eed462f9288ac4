import type { Pod } from "../../../api/index.ts";
import { type Check, expectThat } from "./check.ts";

export const runtimeCheck: Check = {
  title: "cri-containerd runs a pod of two containers with a shared network and an emptyDir",
  async run({ kubectl }) {
    await kubectl.wait("pod/web", "condition=Ready");
    const pod = await kubectl.json<Pod>(["get", "pod", "web"]);
    const statuses = pod.status?.containerStatuses ?? [];
    expectThat(statuses.length === 2, `pod web should have 2 container statuses, it has ${statuses.length}`);
    expectThat(
      statuses.every((status) => status.ready && status.restartCount === 0),
      `the containers of pod web should be ready without a restart: ${JSON.stringify(statuses)}`,
    );
    await kubectl.logsUntil("web", "the page is written", { container: "writer" });
  },
};
