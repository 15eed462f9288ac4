import type { Feature } from "@berth/linux";
import { imageLayers } from "../preflight/data-directory.ts";
import type { Fault, Finding } from "./finding.ts";

const onlyInstance = "only instance";

/** It is taken, by the very core that is looked at. */
export function isHeldByCore({ name, isPresent }: Feature, coreRuns: boolean): boolean {
  return coreRuns && !isPresent && (name === onlyInstance || name.endsWith(" port"));
}

/** What keeps a node from starting on this machine. `coreRuns`: then the ports are taken by the core itself. */
export function machineFindings(features: readonly Feature[], coreRuns: boolean): Finding[] {
  return features
    .filter(({ need, name, isPresent }) => !isPresent && (need === "required" || name === imageLayers))
    .filter((feature) => feature.name !== onlyInstance && !isHeldByCore(feature, coreRuns))
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
