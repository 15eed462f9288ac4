import { join } from "node:path";
import type { Feature } from "@berth/linux";
import type { CoreSettings } from "../serve/core-settings.ts";

/** Bytes of sockaddr_un.sun_path without its end: a longer path would be cut in silence and bound somewhere else. */
const maximum = 107;

/** Room below a plugin's run directory for its socket's own name. */
const longestBelow = "/daemons/containerd/containerd.sock.ttrpc".length;

/** Whether the longest socket path below the run directory fits a Unix socket address. */
export function judgeSocketPaths(settings: Pick<CoreSettings, "runDirectory" | "nodeName">): Feature {
  const base = join(settings.runDirectory, settings.nodeName);
  const length = Buffer.byteLength(base) + longestBelow;
  const isPresent = length <= maximum;
  return {
    name: "socket paths",
    need: "required",
    isPresent,
    ...(!isPresent && {
      cause: `sockets below ${base} would have paths of ${length} bytes; Unix sockets allow ${maximum}`,
      fix: `name a shorter directory with --run-dir, at most ${maximum - longestBelow - settings.nodeName.length - 1} bytes`,
    }),
  };
}
