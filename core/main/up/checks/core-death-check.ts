import type { PluginInstance } from "../../../api/berth/types.ts";
import type { Kubectl } from "../kubectl.ts";
import { type Check, expectThat } from "./check.ts";
import { containerIdentities } from "./container-identities.ts";

export const coreDeathCheck: Check = {
  title: "kill -9 of the core: pods go on; a new start adopts plugins and pods and restarts nothing",
  async run({ kubectl, core }) {
    const plugins = await pluginIdentities(kubectl);
    const containers = await containerIdentities(kubectl);
    await core.kill();
    await core.start();
    await kubectl.run([
      "wait",
      "plugininstances",
      "--all",
      "--for=jsonpath={.status.state}=ready",
      "--timeout=60s",
    ]);
    await kubectl.run(["wait", "nodes", "--all", "--for=condition=Ready", "--timeout=60s"]);
    expectThat(
      (await pluginIdentities(kubectl)) === plugins,
      `the new core should adopt every plugin with its pid and incarnation; before:\n${plugins}\nafter:\n${await pluginIdentities(kubectl)}`,
    );
    await kubectl.run(["wait", "pod", "web", "client", "notebook", "--for=condition=Ready", "--timeout=60s"]);
    expectThat(
      (await containerIdentities(kubectl)) === containers,
      "no container should be restarted by the death of the core",
    );
    await kubectl.run([
      "run",
      "after-restart",
      "--image=berth.dev/hello:1",
      "--command",
      "--",
      "sleep",
      "3600",
    ]);
    await kubectl.wait("pod/after-restart", "condition=Ready");
    await kubectl.run(["delete", "pod", "after-restart", "--grace-period=1"]);
  },
};

async function pluginIdentities(kubectl: Kubectl): Promise<string> {
  const list = await kubectl.json<{ items: PluginInstance[] }>(["get", "plugininstances"]);
  return list.items
    .map((one) => `${one.metadata.name} pid ${one.status?.pid} incarnation ${one.status?.incarnation}`)
    .sort()
    .join("\n");
}
