import { detectFeatures, type Feature } from "@berth/linux";
import type { CoreSettings } from "../serve/core-settings.ts";
import { judgeDataDirectory } from "./data-directory.ts";
import { judgePorts } from "./ports.ts";
import { judgeSecondInstance } from "./second-instance.ts";
import { judgeSocketPaths } from "./socket-paths.ts";

/** Programs that the core and the five plugins start. */
const programs = ["containerd", "runc", "runsc", "nft", "setpriv"];

/** Everything that would keep a node from starting on this machine, or make it less than it could be. */
export async function preflight(settings: CoreSettings): Promise<Feature[]> {
  return [
    ...detectFeatures({ programs }),
    ...judgeDataDirectory(settings.dataDirectory),
    judgeSocketPaths(settings),
    judgeSecondInstance(settings),
    ...(await judgePorts(settings)),
  ];
}

/** The findings that forbid a start. */
export function obstacles(findings: readonly Feature[]): Feature[] {
  return findings.filter((finding) => finding.need === "required" && !finding.isPresent);
}
