import { nearestName } from "@berth/base";
import type { MountFlag } from "@berth/linux";
import type { VolumeCapability__Output } from "@berth/proto/generated/csi/csi/v1/VolumeCapability.ts";
import { PluginError } from "@berth/sdk";

/** A folder to mount, or an image file behind a loop device. */
export type AccessKind = "mount" | "block";

/** A volume capability of the contract, understood and checked. */
export interface Capability {
  readonly access: AccessKind;
  readonly readOnly: boolean;
  /** At most one target on the node. */
  readonly singleTarget: boolean;
  readonly flags: readonly MountFlag[];
}

const mountFlags = ["nosuid", "nodev", "noexec", "noatime", "nodiratime", "relatime", "strictatime"] as const;

/** Throws INVALID_ARGUMENT for what is missing, contradictory or not known here. */
export function readCapability(capability: VolumeCapability__Output | null, where: string): Capability {
  const mode = capability?.access_mode?.mode ?? "UNKNOWN";
  if (!capability || (!capability.block && !capability.mount)) {
    throw invalid(`${where} does not say whether it is block or mount`, "Set one of the two.");
  }
  if (mode === "UNKNOWN") throw invalid(`${where} has no access mode`, "Set access_mode.mode.");
  const flags = (capability.mount?.mount_flags ?? []).flatMap((flag) => readFlag(flag, where));
  return {
    access: capability.block ? "block" : "mount",
    readOnly: mode.endsWith("READER_ONLY") || flags.includes("ro"),
    singleTarget: mode === "SINGLE_NODE_SINGLE_WRITER",
    flags: flags.filter((flag) => flag !== "ro"),
  };
}

/** The data of a volume lives on one node, so a mode with several nodes that write cannot be kept. */
export function refusesMode(capability: VolumeCapability__Output): string | undefined {
  const mode = capability.access_mode?.mode;
  if (
    mode === "MULTI_NODE_MULTI_WRITER" ||
    mode === "MULTI_NODE_SINGLE_WRITER" ||
    mode === "MULTI_NODE_READER_ONLY"
  ) {
    return `access mode ${mode} needs several nodes, and the data is on one`;
  }
  return undefined;
}

/** All of them of one kind, as a volume is made for one. */
export function readCapabilities(
  capabilities: readonly VolumeCapability__Output[],
  where: string,
): AccessKind {
  if (capabilities.length === 0) throw invalid(`${where} has no volume_capabilities`, "Send at least one.");
  const kinds = new Set(
    capabilities.map((capability) => {
      const refusal = refusesMode(capability);
      if (refusal)
        throw invalid(`${where}: ${refusal}`, "Ask for a single-node access mode (ReadWriteOnce).");
      return readCapability(capability, where).access;
    }),
  );
  if (kinds.size > 1) throw invalid(`${where} asks for block and mount at once`, "Choose one of them.");
  return [...kinds][0]!;
}

function readFlag(flag: string, where: string): MountFlag[] {
  if (flag === "rw" || flag === "") return [];
  if (flag === "ro" || (mountFlags as readonly string[]).includes(flag)) return [flag as MountFlag];
  const nearest = nearestName(flag, mountFlags);
  throw invalid(
    `${where}: mount flag ${JSON.stringify(flag)} is not known`,
    nearest ? `Did you mean ${nearest}?` : `Known are ro, rw, ${mountFlags.join(", ")}.`,
  );
}

function invalid(message: string, next: string): PluginError {
  return new PluginError("INVALID_ARGUMENT", message, next);
}
