import { accessSync, constants, readFileSync } from "node:fs";
import { release } from "node:os";
import { delimiter, join } from "node:path";
import { errorMessage } from "@berth/base";
import { detectCgroups } from "../cgroups/detect-cgroups.ts";
import { isErrno } from "../linux-error.ts";
import { inTemporaryNetworkNamespace } from "../netns/network-namespace.ts";
import { NftablesSocket } from "../netlink/nftables.ts";
import { RouteSocket, routeRequests } from "../netlink/route-socket.ts";
import { openProcess } from "../processes/process-handle.ts";
import { readStatus } from "../processes/proc.ts";
import { type Feature, judgeFeatures, type MachineFacts } from "./feature.ts";

/** Looks at this machine (a few ms) and says what it has, what is missing, and what to do about it. */
export function detectFeatures(options: { programs?: readonly string[] } = {}): Feature[] {
  return judgeFeatures(readMachineFacts(options.programs ?? ["nft", "setpriv"]));
}

export function readMachineFacts(programs: readonly string[]): MachineFacts {
  const cgroups = detectCgroups();
  const nftablesRefusal = refusalOf(() => {
    const socket = new NftablesSocket();
    try {
      socket.hasTable("inet", "berth-probe");
    } finally {
      socket.close();
    }
  });
  return {
    kernelRelease: release(),
    userId: process.geteuid?.() ?? -1,
    capabilities: BigInt(`0x${readStatus("self")?.get("CapEff") ?? "0"}`),
    fileSystems: new Set(readFileSync("/proc/filesystems", "utf8").split(/\s+/)),
    ...(cgroups ? { cgroups: { mode: cgroups.mode, shortcomings: cgroups.shortcomings } } : {}),
    maxUserNamespaces: readNumber("/proc/sys/user/max_user_namespaces"),
    hasPidfd: refusalOf(() => openProcess(process.pid)?.close()) === undefined,
    ...(nftablesRefusal === undefined ? {} : { nftablesRefusal }),
    linkRefusals: readLinkRefusals(),
    programs: new Map(programs.map((name) => [name, findProgram(name)])),
  };
}

function refusalOf(attempt: () => void): string | undefined {
  try {
    attempt();
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

/** Makes one of each kind in a namespace that nobody else sees and that is gone on return. */
function readLinkRefusals(): Map<string, string> {
  const refusals = new Map<string, string>();
  const attempt = (kind: string, make: (socket: RouteSocket) => void): void => {
    const refusal = refusalOf(() =>
      inTemporaryNetworkNamespace(() => {
        const socket = RouteSocket.open();
        try {
          make(socket);
        } finally {
          socket.close();
        }
      }),
    );
    if (refusal !== undefined) refusals.set(kind, refusal);
  };
  attempt("bridge", (socket) => socket.apply(routeRequests.newBridge({ name: "probe" })));
  attempt("veth", (socket) => socket.apply(routeRequests.newVeth({ name: "probe0" }, { name: "probe1" })));
  return refusals;
}

function readNumber(path: string): number {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return 0;
    throw error;
  }
}

/** Full path of an executable in PATH; undefined when there is none. */
export function findProgram(name: string, path: string = process.env["PATH"] ?? ""): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch (error) {
        if (isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) return false;
        throw error;
      }
    });
}
