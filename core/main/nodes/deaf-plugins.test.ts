import { expect, test } from "vitest";
import type { PersistentVolume, PersistentVolumeClaim, PluginInstance, Pod } from "../../api/index.ts";
import { driversOf, whyStuck } from "./deaf-plugins.ts";

const v1 = { apiVersion: "v1" } as const;
const named = (name: string) => ({ name, namespace: "default" });
const claimOf = (name: string, volumeName: string) =>
  ({
    ...v1,
    kind: "PersistentVolumeClaim",
    metadata: named(name),
    spec: { volumeName },
  }) as PersistentVolumeClaim;
const volumeOf = (name: string, driver: string) =>
  ({
    ...v1,
    kind: "PersistentVolume",
    metadata: { name },
    spec: { csi: { driver, volumeHandle: name } },
  }) as PersistentVolume;

function driver(plugin: string, state: string, capabilities: string[] = []): PluginInstance {
  const status = { state, reason: "exit code 3", capabilities };
  const spec = { plugin, nodeName: "one", contract: "csi" };
  return { metadata: { name: `${plugin}.one` }, spec, status } as unknown as PluginInstance;
}

test("the drivers of a pod are those of its claims, of what is made for it, and of what it names itself, each once", () => {
  const volumes = [
    { name: "a", persistentVolumeClaim: { claimName: "first" } },
    { name: "b", persistentVolumeClaim: { claimName: "second" } },
    { name: "c", ephemeral: {} },
    { name: "d", csi: { driver: "inline" } },
    { name: "e", emptyDir: {} },
    { name: "f", persistentVolumeClaim: { claimName: "unbound" } },
  ];
  const pod = {
    ...v1,
    kind: "Pod",
    metadata: named("web"),
    spec: { volumes, containers: [] },
  } as unknown as Pod;
  const claims = [claimOf("first", "v1"), claimOf("second", "v2"), claimOf("web-c", "v3")];
  const all = [volumeOf("v1", "disks"), volumeOf("v2", "disks"), volumeOf("v3", "scratch")];
  expect(driversOf(pod, claims, all)).toEqual(["disks", "scratch", "inline"]);
});

test("a driver that does not come by itself is told with its state and the next step, unless another may serve", () => {
  const dead = driver("old", "disabled");
  expect(whyStuck([dead, driver("other", "ready", ["csi:other"])], "csi", "disks")).toBe(
    "the driver of its volumes old is disabled (exit code 3); berth plugin drain old --undo",
  );
  expect(whyStuck([dead, driver("new", "ready", ["csi:disks"])], "csi", "disks")).toBeUndefined();
  expect(whyStuck([dead, driver("new", "backoff")], "csi", "disks")).toBeUndefined();
  expect(whyStuck([dead], "cri", undefined)).toBeUndefined();
});
