import type { Pod } from "../../../api/index.ts";
import type { PluginInstance } from "../../../api/berth/types.ts";
import type { Kubectl } from "../kubectl.ts";
import { type Check, expectThat } from "./check.ts";
import { containerIdentities } from "./container-identities.ts";

const victim = "cri-containerd";

export const pluginDeathCheck: Check = {
  title: "kill -9 of a plugin: pods go on, it comes back by itself, the cause is on record",
  async run({ kubectl }) {
    const name = await instanceName(kubectl, victim);
    const before = await kubectl.json<PluginInstance>(["get", "plugininstance", name]);
    const containers = await containerIdentities(kubectl);
    const pid = before.status?.pid ?? 0;
    expectThat(pid > 1, `plugin instance ${name} should tell its pid, it tells ${pid}`);
    process.kill(pid, "SIGKILL");
    const incarnation = (before.status?.incarnation ?? 0) + 1;
    await kubectl.wait(`plugininstance/${name}`, `jsonpath={.status.incarnation}=${incarnation}`, 30);
    await kubectl.wait(`plugininstance/${name}`, "jsonpath={.status.state}=ready", 30);
    const description = await kubectl.run(["describe", "plugininstance", name]);
    expectThat(
      description.includes("SIGKILL"),
      `describe should name the cause SIGKILL, it says:\n${description}`,
    );
    const others = await kubectl.json<{ items: PluginInstance[] }>(["get", "plugininstances"]);
    const harmed = others.items.filter(
      (other) => other.metadata.name !== name && other.status?.state !== "ready",
    );
    expectThat(
      harmed.length === 0,
      `no other plugin should suffer: ${harmed.map((one) => one.metadata.name).join(", ")}`,
    );
    expectThat(
      (await containerIdentities(kubectl)) === containers,
      "no container should be restarted by the death of a plugin",
    );
    const web = await kubectl.json<Pod>(["get", "pod", "web"]);
    expectThat(web.status?.phase === "Running", `pod web should be Running, it is ${web.status?.phase}`);
  },
};

async function instanceName(kubectl: Kubectl, plugin: string): Promise<string> {
  const list = await kubectl.json<{ items: PluginInstance[] }>(["get", "plugininstances"]);
  const found = list.items.find((instance) => instance.spec.plugin === plugin);
  expectThat(found?.metadata.name !== undefined, `there should be an instance of plugin ${plugin}`);
  return found.metadata.name;
}
