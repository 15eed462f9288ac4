import { readFileSync } from "node:fs";
import { inNetworkNamespace } from "@berth/linux";

/** Memory that cannot be dropped at once: what the group uses less its inactive file cache, from memory.stat. */
export function workingSetBytes(usageBytes: number, memoryStat: string): number {
  const inactive = /^(?:total_)?inactive_file (\d+)$/m.exec(memoryStat)?.[1];
  return Math.max(0, usageBytes - Number(inactive ?? 0));
}

export interface InterfaceUsage {
  name: string;
  rx_bytes: { value: string };
  rx_errors: { value: string };
  tx_bytes: { value: string };
  tx_errors: { value: string };
}

/** Counters of a pod's interfaces, eth0 first, the loopback left out. */
export function readInterfaces(netns: string): InterfaceUsage[] {
  const text = inNetworkNamespace(netns, () => readFileSync("/proc/thread-self/net/dev", "utf8"));
  return parseNetDev(text);
}

/** /proc/net/dev: two lines of headings, then name, eight received and eight sent counters. */
export function parseNetDev(text: string): InterfaceUsage[] {
  return text
    .split("\n")
    .slice(2)
    .flatMap((line) => {
      const [name = "", counters = ""] = line.split(":");
      const fields = counters.trim().split(/\s+/);
      if (fields.length < 16 || name.trim() === "lo") return [];
      const at = (index: number): { value: string } => ({ value: fields[index]! });
      return [{ name: name.trim(), rx_bytes: at(0), rx_errors: at(2), tx_bytes: at(8), tx_errors: at(10) }];
    });
}
