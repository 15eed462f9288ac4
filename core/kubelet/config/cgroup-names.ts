import type { Pod } from "../../api/index.ts";
import { podUid } from "../pods/pod-containers.ts";
import { qosClass } from "../pods/qos.ts";

export type CgroupDriver = "cgroupfs" | "systemd";

/**
 * The group of a pod below `root` ("kubepods"), as the runtime's cgroup driver writes it: a path for cgroupfs, a
 * nested slice name for systemd.
 */
export function podCgroup(pod: Pod, root: string, driver: CgroupDriver): string {
  const qos = qosClass(pod);
  const tier = qos === "Guaranteed" ? [] : [qos.toLowerCase()];
  const parts = [...root.split("/").filter((part) => part !== ""), ...tier, `pod${podUid(pod)}`];
  if (driver === "cgroupfs") return `/${parts.join("/")}`;
  return `${parts.map((part) => part.replaceAll("-", "_")).join("-")}.slice`;
}
