import { existsSync, readFileSync } from "node:fs";
import { detectCgroups } from "@berth/linux";
import { capabilitiesOfMask } from "@berth/oci";

/** What this machine allows; found once, when the plugin starts. */
export interface NodeFacts {
  readonly capabilities: readonly string[];
  readonly oomScore: number;
  /** Without CAP_SYS_RESOURCE a container cannot be made less likely to be killed than we are. */
  readonly mayLowerOomScore: boolean;
  readonly canLimitSwap: boolean;
  readonly cgroupV2: boolean;
  readonly appArmor: boolean;
  readonly seccomp: boolean;
}

/** `starter` is the process whose children the containers are: they have at most what it has. */
export function readNodeFacts(starter: number | "self"): NodeFacts {
  const status = readFileSync(`/proc/${starter}/status`, "utf8");
  const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, "m").exec(status)?.[1] ?? "";
  const capabilities = capabilitiesOfMask(field("CapBnd"));
  const cgroupV2 = detectCgroups()?.mode === "v2";
  return {
    capabilities,
    oomScore: Number(readFileSync(`/proc/${starter}/oom_score_adj`, "utf8")),
    mayLowerOomScore: capabilitiesOfMask(field("CapEff")).includes("CAP_SYS_RESOURCE"),
    canLimitSwap: cgroupV2
      ? existsSync("/sys/fs/cgroup/system.slice/memory.swap.max")
      : existsSync("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes"),
    cgroupV2,
    appArmor: existsSync("/sys/kernel/security/apparmor/profiles"),
    seccomp: field("Seccomp") !== "",
  };
}
