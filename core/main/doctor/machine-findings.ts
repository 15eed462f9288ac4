import type { Feature } from "@berth/linux";
import type { Fault, Finding } from "./finding.ts";

/** What keeps a node from starting on this machine. `coreRuns`: then the ports are taken by the core itself. */
export function machineFindings(features: readonly Feature[], coreRuns: boolean): Finding[] {
  return features
    .filter(({ need, isPresent }) => need === "required" && !isPresent)
    .filter(({ name }) => name !== "only instance" && !(coreRuns && name.endsWith(" port")))
    .map((feature) => ({
      fault: faultOf(feature),
      about: feature.name,
      cause: feature.cause ?? "",
      fix: feature.fix ?? "",
      owner: "operator" as const,
    }));
}

function faultOf({ name, found }: Feature): Fault {
  if (name === "data directory") return found === undefined ? "no-permission" : "full-disk";
  if (name === "socket paths") return "path-too-long";
  if (name.endsWith(" port")) return "port-taken";
  if (name.startsWith("program ")) return "missing-binary";
  if (name === "root" || name.startsWith("CAP_")) return "no-permission";
  return "missing-kernel-feature";
}
